-- Stands where lua-resty-dns would be, which resolves Services of type ExternalName. There
-- are none in the tests.
return {
  TYPE_A = 1,
  TYPE_AAAA = 28,
  new = function()
    return nil, "resty.dns.resolver isn't there"
  end,
}
