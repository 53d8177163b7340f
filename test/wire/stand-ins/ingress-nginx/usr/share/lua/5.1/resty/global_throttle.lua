-- Stands where lua-resty-global-throttle would be, the global rate limit. Nothing in the
-- tests sets one.
return {
  new = function()
    return nil, "resty.global_throttle isn't there"
  end,
}
