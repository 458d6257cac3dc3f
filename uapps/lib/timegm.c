/*
 * mktime() without a time zone: BSD's, and everybody's.
 */
#include <time.h>

#define DAYS_PER_YEAR    365
#define SECONDS_PER_DAY  86400
#define SECONDS_PER_HOUR 3600

/* Days from the first of 1970 to the first of a year's month, which may be below 0 or above 11. */
static long long days_before(long long year, int month)
{
	static const short days[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	long long leaps;

	year += month / 12;
	month %= 12;
	if (month < 0) {
		month += 12;
		year--;
	}
	/* Leap days up to the year; this year's counts from March on. */
	leaps = year - (month < 2);
	leaps = (leaps >= 0 ? leaps / 4 - leaps / 100 + leaps / 400
			    : (leaps - 3) / 4 - (leaps - 99) / 100 + (leaps - 399) / 400);
	return (year - 1970) * DAYS_PER_YEAR + leaps - (1969 / 4 - 1969 / 100 + 1969 / 400) +
	       days[month];
}

time_t timegm(struct tm *date)
{
	const long long days =
		days_before(date->tm_year + 1900LL, date->tm_mon) + date->tm_mday - 1;
	const time_t seconds = days * SECONDS_PER_DAY + date->tm_hour * SECONDS_PER_HOUR +
			       date->tm_min * 60 + date->tm_sec;

	return gmtime_r(&seconds, date) ? seconds : -1;
}
