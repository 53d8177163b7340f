-- Stands where lua-resty-http would be, by which certificates ask for their revocation.
-- Nothing in the tests does: OCSP is off.
return {
  new = function()
    error("resty.http isn't there")
  end,
}
