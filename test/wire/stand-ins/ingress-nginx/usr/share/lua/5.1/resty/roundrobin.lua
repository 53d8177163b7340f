-- Replaces resty.roundrobin of lua-resty-balancer, which is written in C: nodes take turns,
-- in the order of their names. A node of weight n has n turns in a row.
local _M = {}
local mt = { __index = _M }

function _M.new(_, nodes)
  local self = setmetatable({}, mt)
  self:reinit(nodes)
  return self
end

-- nodes has the weight of each node.
function _M.reinit(self, nodes)
  local turns = {}
  for name, weight in pairs(nodes) do
    for _ = 1, weight do
      turns[#turns + 1] = name
    end
  end
  table.sort(turns)
  self.nodes, self.turns, self.last = nodes, turns, 0
end

function _M.find(self)
  self.last = self.last % #self.turns + 1
  return self.turns[self.last]
end

return _M
