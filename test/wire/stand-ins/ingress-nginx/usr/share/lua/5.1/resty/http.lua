-- Stands where lua-resty-http would be, by which it is asked whether certificates are
-- revoked. OCSP is off in the tests.
return {
  new = function()
    error("resty.http isn't there")
  end,
}
