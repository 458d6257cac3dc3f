/*
 * Reading the MC146818 real-time clock (Motorola MC146818A data sheet) through the CMOS ports.
 */
#include "arch/ia32/rtc.h"

#include <stdbool.h>
#include "arch/ia32/cpu.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

#define RTC_SECONDS  0x00
#define RTC_MINUTES  0x02
#define RTC_HOURS    0x04
#define RTC_DAY      0x07
#define RTC_MONTH    0x08
#define RTC_YEAR     0x09
#define RTC_STATUS_A 0x0a
#define RTC_STATUS_B 0x0b

#define STATUS_A_UPDATING 0x80
#define STATUS_B_24_HOURS 0x02
#define STATUS_B_BINARY   0x04
#define HOURS_PM          0x80

static uint8_t cmos_read(uint8_t index)
{
	out8(CMOS_INDEX, index);
	return in8(CMOS_DATA);
}

static uint32_t rtc_number(uint8_t raw, bool binary)
{
	return binary ? raw : (raw >> 4) * 10u + (raw & 15);
}

static uint32_t rtc_hours(uint8_t raw, uint8_t status)
{
	const uint32_t hours = rtc_number(raw & ~HOURS_PM, status & STATUS_B_BINARY);

	if (status & STATUS_B_24_HOURS)
		return hours;
	return hours % 12 + (raw & HOURS_PM ? 12 : 0);
}

/* Days since 1970-01-01; counted in years that begin in March, where leap days come last. */
static uint32_t days_since_epoch(uint32_t year, uint32_t month, uint32_t day)
{
	if (month <= 2) {
		year--;
		month += 12;
	}
	return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month - 457) / 5 + day -
	       719469;
}

uint32_t rtc_read_seconds(void)
{
	const uint8_t status = cmos_read(RTC_STATUS_B);
	const bool binary = status & STATUS_B_BINARY;
	uint32_t second, minute, hour, day, month, year;

	do {
		while (cmos_read(RTC_STATUS_A) & STATUS_A_UPDATING)
			;
		second = rtc_number(cmos_read(RTC_SECONDS), binary);
		minute = rtc_number(cmos_read(RTC_MINUTES), binary);
		hour = rtc_hours(cmos_read(RTC_HOURS), status);
		day = rtc_number(cmos_read(RTC_DAY), binary);
		month = rtc_number(cmos_read(RTC_MONTH), binary);
		year = 2000 + rtc_number(cmos_read(RTC_YEAR), binary);
	} while (second != rtc_number(cmos_read(RTC_SECONDS), binary));
	return ((days_since_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}
