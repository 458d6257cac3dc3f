/* C++: exceptions through instrumented frames, destructors on the way, templates in comdat groups. */
#include "corpus.h"

#include <stdexcept>
#include <string>
#include <vector>

static int destroyed;

struct Guard {
	int weight;
	explicit Guard(int weight) : weight(weight) {}
	NOINLINE ~Guard() { destroyed += weight; }
};

struct Shape {
	virtual ~Shape() {}
	virtual int area() const = 0;
};

struct Square : Shape {
	int side;
	explicit Square(int side) : side(side) {}
	NOINLINE int area() const override { return opaque(side) * side; }
};

template <typename T> NOINLINE T largest(const std::vector<T> &values)
{
	if (values.empty())
		throw std::out_of_range("no values");
	T best = values[0];
	for (const T &value : values)
		if (best < value)
			best = value;
	return best;
}

NOINLINE static int throws(int value)
{
	Guard guard(1);

	if (value == 0)
		throw std::runtime_error("zero");
	if (value < 0)
		throw value;
	return opaque(value);
}

NOINLINE static int passes(int value)
{
	Guard guard(10);

	return throws(value) + opaque(1);
}

NOINLINE static int no_frame(int value)
{
	return passes(value);
}

NOINLINE static int catches(int value)
{
	try {
		return no_frame(value);
	} catch (const std::exception &error) {
		return (int)std::string(error.what()).size() * 100;
	} catch (int thrown) {
		return thrown;
	}
}

NOINLINE static int rethrows(int value)
{
	try {
		return catches(value) + passes(value);
	} catch (...) {
		destroyed += 1000;
		throw;
	}
}

NOINLINE static int callback(int value)
{
	if (value > 2)
		throw std::string("from a callback");
	return value;
}

NOINLINE static int through(int value)
{
	try {
		return through_c(callback, value);
	} catch (const std::string &text) {
		return (int)text.size();
	}
}

void exceptions_test(void)
{
	std::vector<int> numbers = { 3, 9, 4 };
	std::vector<std::string> words = { "beta", "alpha" };
	Square square(opaque(6));
	const Shape &shape = square;
	int sum = 0;

	destroyed = 0;
	for (int round = 0; round < 50; round++) {
		sum += catches(round % 4 - 1) + through(round % 5);
		try {
			sum += rethrows(round % 3 - 1);
		} catch (int thrown) {
			sum += thrown;
		} catch (const std::runtime_error &) {
			sum += 5;
		}
	}
	printf("exceptions %d %d %d %s %d\n", sum, destroyed, largest(numbers), largest(words).c_str(),
	       shape.area());
}
