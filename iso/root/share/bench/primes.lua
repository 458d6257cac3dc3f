-- Counts and adds up the primes below a bound with the sieve of Eratosthenes: the interpreter at work.
local bound = 30000
local composite = {}
local count, sum = 0, 0
for number = 2, bound - 1 do
	if not composite[number] then
		count = count + 1
		sum = sum + number
		for multiple = number * number, bound - 1, number do
			composite[multiple] = true
		end
	end
end
print(count, sum)
