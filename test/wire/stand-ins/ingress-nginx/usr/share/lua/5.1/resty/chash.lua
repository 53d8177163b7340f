-- Replaces resty.chash of lua-resty-balancer, which is written in C: a ring of hashes with
-- 160 points for each unit of a node's weight. Its points aren't those of the original, so
-- the two may choose different nodes for a key.
local POINTS = 160

local _M = {}
local mt = { __index = _M }

function _M.new(_, nodes)
  local self = setmetatable({}, mt)
  self:reinit(nodes)
  return self
end

-- nodes has the weight of each node.
function _M.reinit(self, nodes)
  local ring = {}
  for name, weight in pairs(nodes) do
    for point = 1, POINTS * weight do
      ring[#ring + 1] = { hash = ngx.crc32_long(name .. "#" .. point), node = name }
    end
  end
  table.sort(ring, function(a, b)
    if a.hash ~= b.hash then
      return a.hash < b.hash
    end
    return a.node < b.node
  end)
  self.nodes, self.ring = nodes, ring
end

-- find returns the node of the first point at or after the key's hash.
function _M.find(self, key)
  local hash = ngx.crc32_long(key)
  local low, high = 1, #self.ring + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if self.ring[middle].hash < hash then
      low = middle + 1
    else
      high = middle
    end
  end
  return (self.ring[low] or self.ring[1]).node
end

return _M
