/* SPDX-License-Identifier: Apache-2.0 */
/* VMware's backdoor, whose other side is played here. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/str.h"
#include "metadata/backdoor.h"

enum { ID = 7, REPLY_ID = 3, COOKIE_A = 0x1234, COOKIE_B = 0x5678, OK = 1 << 16, REPLY = 2 << 16 };

/* One channel, that of RPCI. */
struct host {
	const char *reply; /* to any question; NULL: it refuses the last byte of the question */
	uint32_t says;     /* the reply's size, if it is another one; 0: the right one */
	struct buf question;
	uint32_t expected, sent;
	bool open;
	unsigned closed;
};

static void message(struct backdoor_registers *r, struct host *h)
{
	const unsigned kind = r->cx >> 16;
	const size_t size = h->reply ? strlen(h->reply) : 0;

	if (kind == 0) {
		assert_int_equal(r->bx, 0x49435052u | 0x80000000u);
		h->open = true;
		h->expected = h->sent = 0;
		buf_truncate(&h->question, 0);
		r->dx |= (uint32_t)ID << 16;
		r->si = COOKIE_A;
		r->di = COOKIE_B;
		r->cx = OK;
		return;
	}
	assert_true(h->open);
	assert_int_equal(r->dx >> 16, ID);
	assert_int_equal(r->si, COOKIE_A);
	assert_int_equal(r->di, COOKIE_B);
	r->cx = OK;
	if (kind == 1) {
		h->expected = r->bx;
	} else if (kind == 2) {
		assert_true(h->question.len < h->expected);
		buf_add(&h->question, &r->bx, 4);
		if (!h->reply && h->question.len >= h->expected)
			r->cx = 0;
	} else if (kind == 3) {
		r->cx = OK | REPLY;
		r->bx = h->says ? h->says : (uint32_t)size;
		r->dx = (uint32_t)REPLY_ID << 16;
	} else if (kind == 4) {
		assert_int_equal(r->bx, REPLY_ID);
		r->bx = 0;
		if (h->sent < size)
			memcpy(&r->bx, h->reply + h->sent, size - h->sent < 4 ? size - h->sent : 4);
		h->sent += 4;
	} else if (kind == 6) {
		h->open = false;
		h->closed++;
	}
}

static void read_it(struct backdoor_registers *r, void *ctx)
{
	assert_int_equal(r->ax, BACKDOOR_MAGIC);
	assert_int_equal(r->dx & 0xffff, BACKDOOR_PORT);
	if ((r->cx & 0xffff) == BACKDOOR_VERSION) {
		r->ax = 6;
		r->bx = BACKDOOR_MAGIC;
	} else {
		assert_int_equal(r->cx & 0xffff, BACKDOOR_MESSAGE);
		message(r, ctx);
	}
}

static int ask(struct host *h, char **ret, size_t *ret_size, struct werr **err)
{
	const struct backdoor b = {read_it, h};
	int r;

	h->question = BUF_INIT(1024);
	assert_true(backdoor_is_there(&b));
	r = backdoor_guestinfo(&b, "userdata", ret, ret_size, err);
	if (h->reply)
		assert_string_equal(buf_str(&h->question), "info-get guestinfo.userdata");
	assert_int_equal(h->closed, 1);
	buf_clear(&h->question);
	return r;
}

static void check(const char *reply, const char *value)
{
	struct host h = {.reply = reply};
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_ok(ask(&h, &text, &size, &err), err);
	assert_string_equal(text, value);
	assert_int_equal(size, strlen(value));
}

static void test_values(ATTR_UNUSED void **state)
{
	check("1 a", "a");
	check("1 ab", "ab");
	check("1 abcdefghi", "abcdefghi");
	check("1 ", "");
}

static void check_bad(struct host h, enum werr_kind kind, const char *part)
{
	CLEANUP(free) char *text = NULL;
	struct werr *err = NULL;
	size_t size;

	assert_fails(ask(&h, &text, &size, &err), err, kind, part);
	assert_null(text);
}

static void test_hosts_without_a_value(ATTR_UNUSED void **state)
{
	check_bad((struct host){.reply = "0 No value found"}, WERR_NOT_FOUND, "is not set");
	check_bad((struct host){.reply = "1"}, WERR_NOT_FOUND, "is not set");
	check_bad((struct host){.reply = ""}, WERR_NOT_FOUND, "is not set");
	check_bad((struct host){.reply = "1 x", .says = UINT32_MAX}, WERR_CORRUPT, "no reply");
	check_bad((struct host){0}, WERR_CORRUPT, "no reply");
}

static void nobody(ATTR_UNUSED struct backdoor_registers *r, ATTR_UNUSED void *ctx)
{
}

static void test_nobody_is_there(ATTR_UNUSED void **state)
{
	const struct backdoor b = {nobody, NULL};
	struct werr *err = NULL;
	char *text;
	size_t size;

	assert_false(backdoor_is_there(&b));
	assert_fails(backdoor_guestinfo(&b, "x", &text, &size, &err), err, WERR_CORRUPT,
		"does not take messages");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_hosts_without_a_value),
		cmocka_unit_test(test_nobody_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
