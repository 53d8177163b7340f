-- Replaces lua-resty-cookie: reads a cookie of the request, and adds one to the response.
-- It checks neither names nor values, and doesn't replace a cookie that it added before.
local _M = {}
local mt = { __index = _M }

function _M.new()
  return setmetatable({}, mt)
end

function _M.get(_, name)
  for key, value in string.gmatch(ngx.var.http_cookie or "", "([^=;%s]+)=([^;]*)") do
    if key == name then
      return value
    end
  end
  return nil, "no cookie of this name"
end

function _M.set(_, cookie)
  local parts = { cookie.key .. "=" .. cookie.value }
  local function add(name, value)
    if value then
      parts[#parts + 1] = name .. "=" .. value
    end
  end
  add("Expires", cookie.expires)
  add("Max-Age", cookie.max_age)
  add("Domain", cookie.domain)
  add("Path", cookie.path)
  add("SameSite", cookie.samesite)
  if cookie.secure then
    parts[#parts + 1] = "Secure"
  end
  if cookie.httponly then
    parts[#parts + 1] = "HttpOnly"
  end

  local all = ngx.header["Set-Cookie"] or {}
  if type(all) == "string" then
    all = { all }
  end
  all[#all + 1] = table.concat(parts, "; ")
  ngx.header["Set-Cookie"] = all
  return true
end

return _M
