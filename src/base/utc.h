/* SPDX-License-Identifier: Apache-2.0 */
/* Dates of seconds since 1970, also where time_t has 32 bits and ends in 2038. */
#ifndef WHERRY_BASE_UTC_H
#define WHERRY_BASE_UTC_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * The date and time in UTC, by the Gregorian calendar, also before it was there; but for the days
 * of the week and of the year. false, and *ret as it was: the year does not fit.
 */
bool utc_from(int64_t seconds, struct tm *ret);

#endif
