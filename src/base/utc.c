/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utc.h"

#include <limits.h>

enum {
	DAY = 86400,
	ERA = 400 * 365 + 97, /* days of 400 years, after which the calendar begins again */
	CENTURY = 100 * 365 + 24,
	FOUR_YEARS = 4 * 365 + 1,
	TO_1970 = 719468, /* from 0000-03-01: a leap day is then the last day of a year */
};

bool utc_from(int64_t seconds, struct tm *ret)
{
	/* Days before each month, of which the first is March. */
	static const int before[] = {0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337, 366};
	int64_t days = seconds / DAY - (seconds % DAY < 0), era, year;
	int rest = (int)((seconds % DAY + DAY) % DAY), in_era, of_era, day, month = 0;

	days += TO_1970;
	era = days / ERA - (days % ERA < 0);
	in_era = (int)(days - era * ERA);
	of_era = (in_era - in_era / (FOUR_YEARS - 1) + in_era / CENTURY - in_era / (ERA - 1)) / 365;
	day = in_era - (365 * of_era + of_era / 4 - of_era / 100);
	while (day >= before[month + 1])
		month++;
	year = era * 400 + of_era + (month >= 10) - 1900;
	if (year < INT_MIN || year > INT_MAX)
		return false;
	*ret = (struct tm){
		.tm_year = (int)year,
		.tm_mon = (month + 2) % 12,
		.tm_mday = day - before[month] + 1,
		.tm_hour = rest / 3600,
		.tm_min = rest / 60 % 60,
		.tm_sec = rest % 60,
	};
	return true;
}
