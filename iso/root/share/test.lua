-- A script that exercises what lua stands on: tables, strings, floating point, files, time, errors.
local function check(good, what)
	if not good then
		io.stderr:write("lua: ", what, "\n")
		os.exit(1)
	end
end

local primes = {}
for n = 2, 2000 do
	local prime = true
	for _, p in ipairs(primes) do
		if p * p > n then break end
		if n % p == 0 then prime = false break end
	end
	if prime then primes[#primes + 1] = n end
end
check(#primes == 303 and primes[303] == 1999, "primes")

check(string.format("%.10f", math.pi) == "3.1415926536", "pi")
check(math.abs(math.sin(1) ^ 2 + math.cos(1) ^ 2 - 1) < 1e-15, "sine and cosine")
check(("castle"):rep(3, "-"):upper() == "CASTLE-CASTLE-CASTLE", "strings")
check(("a=1, b=22"):gsub("(%w+)=(%d+)", "%2=%1") == "1=a, 22=b", "patterns")

local name = "/tmp/lua-test"
local file = assert(io.open(name, "w"))
for i = 1, 1000 do file:write(i, "\n") end
file:close()
local sum = 0
for line in io.lines(name) do sum = sum + tonumber(line) end
check(sum == 500500, "files")
check(os.remove(name) and not io.open(name), "os.remove")
check(os.time() > 1500000000, "os.time")

local caught, message = pcall(error, { code = 7 })
check(not caught and message.code == 7, "errors")

local routine = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end)
check(routine(1) == 2 and routine(21) == 42, "coroutines")
print("lua: all is well")
