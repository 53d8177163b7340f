-- Stands where lua-resty-ipmatcher would be, which the global rate limit uses. Nothing in
-- the tests sets one.
return {
  new = function()
    return nil, "resty.ipmatcher isn't there"
  end,
}
