-- Replaces lua-resty-lock, as far as the balancer ewma needs it, which never waits for a
-- lock: what is held by another can't be had.
local _M = {}
local mt = { __index = _M }

function _M.new(_, dictionary, options)
  return setmetatable({ dictionary = ngx.shared[dictionary], seconds = options.exptime }, mt)
end

function _M.lock(self, key)
  local added, err = self.dictionary:add(key, true, self.seconds)
  if not added then
    return nil, err == "exists" and "timeout" or err
  end
  self.key = key
  return 0
end

function _M.unlock(self)
  if not self.key then
    return nil, "unlocked"
  end
  self.dictionary:delete(self.key)
  self.key = nil
  return 1
end

return _M
