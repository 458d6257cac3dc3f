/* Compiled by tcc in Castle and on the host: both must make the same object. */
struct point {
	int x, y;
	double weight;
};

static const char *const names[] = { "zero", "one", "two" };
int counter;
extern int outside(const char *name, int value);

static int collatz(unsigned n)
{
	int steps = 0;

	while (n != 1) {
		n = n % 2 ? 3 * n + 1 : n / 2;
		steps++;
	}
	return steps;
}

double centre(const struct point *points, int count)
{
	double sum = 0, weight = 0;

	for (int i = 0; i < count; i++) {
		sum += points[i].weight * (points[i].x - points[i].y);
		weight += points[i].weight;
	}
	return weight > 0 ? sum / weight : 0.5;
}

int work(int value)
{
	switch (value) {
	case 0:
	case 1:
	case 2:
		return outside(names[value], collatz(value + 27));
	default:
		counter += value << 3;
		return (int)((long long)value * value >> 4);
	}
}
