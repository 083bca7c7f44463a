/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes: cmocka, and checks of our errors. */
#ifndef WHERRY_TESTS_UNIT_CHECK_H
#define WHERRY_TESTS_UNIT_CHECK_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include "base/error.h"

/* The call returned 0; if not, say its error. err is a struct werr *. */
#define assert_ok(call_, err_)                                            \
	do {                                                              \
		int ok_result_ = (call_);                                 \
		if (ok_result_ < 0)                                       \
			fail_msg("%s: %d: %s", #call_, ok_result_,        \
				(err_) ? (err_)->message : "no message"); \
	} while (0)

/* The call failed with this kind, and its message has this part. The error is freed and NULL again.
 */
#define assert_fails(call_, err_, kind_, part_)                                                  \
	do {                                                                                     \
		int failed_result_ = (call_);                                                    \
		if (failed_result_ >= 0)                                                         \
			fail_msg("%s did not fail", #call_);                                     \
		assert_non_null(err_);                                                           \
		if ((err_)->kind != (kind_) || !strstr((err_)->message, part_))                  \
			fail_msg("%s: kind %d: %s", #call_, (int)(err_)->kind, (err_)->message); \
		assert_int_equal(failed_result_ < 0, 1);                                         \
		werr_free(err_);                                                                 \
		(err_) = NULL;                                                                   \
	} while (0)

#endif
