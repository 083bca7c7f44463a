/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata/provider.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "common/fs.h"
#include "data/printable.h"
#include "metadata/confdir.h"
#include "metadata/plaintext.h"
#include "metadata/userdata.h"

enum { ATTEMPTS = 3, PAUSE_MS = 500, MODE = 0644, SAID_MAX = 2048 };

void provider_search_cleanup(struct provider_search *s)
{
	fd_cleanup(&s->dir_fd);
	smbios_cleanup(&s->firmware);
	strv_clear(&s->own);
	buf_clear(&s->keys);
	free(STEAL(s->userdata));
}

void provider_set_title(struct provider_search *s, const char *fmt, ...)
{
	CLEANUP(free) char *title = NULL;
	va_list ap;

	va_start(ap, fmt);
	title = str_printfv(fmt, ap);
	va_end(ap);
	str_format(s->title, sizeof(s->title), "%s", title);
}

void provider_own(struct provider_search *s, const char *file)
{
	if (!str_eq(file, PROVIDER_HOSTNAME) && !strv_has(&s->own, file))
		strv_add(&s->own, file);
}

void provider_put(struct provider_search *s, const char *file, const char *data, size_t size,
	struct werr **err)
{
	struct werr *why = NULL;

	provider_own(s, file);
	if (confdir_write(s->dir_fd, file, data, size, MODE, &why) < 0)
		werr_append(err, why);
}

void provider_put_text(
	struct provider_search *s, const char *file, const char *text, struct werr **err)
{
	if (text)
		provider_put(s, file, text, strlen(text), err);
}

void provider_take_userdata(struct provider_search *s, char *data, size_t size)
{
	free(STEAL(s->userdata));
	if (data && size)
		s->userdata = data;
	else
		free(data);
	s->userdata_size = size;
}

void provider_take_base64(
	struct provider_search *s, const char *text, size_t size, struct werr **err)
{
	CLEANUP(buf) struct buf data = BUF_INIT(USERDATA_MAX);
	struct werr *why = NULL;
	int r = plaintext_base64(text, size, &data, &why);

	if (r < 0) {
		werr_wrap(&why, "the user data");
		werr_append(err, why);
		return;
	}
	size = data.len;
	provider_take_userdata(s, buf_steal(&data), size);
}

void provider_put_fields(struct provider_search *s, const struct node *top,
	const struct provider_field *fields, struct werr **err)
{
	for (; fields->key; fields++) {
		const struct node *n = node_get(top, fields->key);

		if (n && n->kind == NODE_SCALAR)
			provider_put(s, fields->file, n->text, n->size, err);
	}
}

void provider_add_keys(struct provider_search *s, const struct node *list)
{
	for (size_t i = 0; list && i < list->n; i++)
		if (list->items[i]->kind == NODE_SCALAR)
			plaintext_keys(list->items[i]->text, &s->keys);
}

static void say(const struct provider_search *s, const struct web_request *q, const char *what)
{
	CLEANUP(buf) struct buf line = BUF_INIT(SAID_MAX);

	if (!s->verbose)
		return;
	printable_add(&line, what, strlen(what), "");
	fprintf(stderr, "metadata: %s http://%s%s: %s\n", q->method ? q->method : "GET", q->host,
		q->path, buf_str(&line));
}

static int ask_once(struct provider_search *s, const struct web_request *q, struct web_answer *ret,
	struct werr **err)
{
	uint64_t now = clock_ms(), left = now < s->end ? s->end - now : 0;
	char status[32];
	int r;

	if (!left)
		return werr_set(err, WERR_TIMEOUT, "there is no more time for it");
	r = web_ask(q, left < WEB_TOTAL_MS ? (unsigned)left : WEB_TOTAL_MS, ret, err);
	str_format(status, sizeof(status), "%u", ret->status);
	say(s, q, r < 0 && err && *err ? (*err)->message : status);
	return r;
}

static void pause_ms(unsigned ms)
{
	const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	nanosleep(&t, NULL);
}

int provider_ask(struct provider_search *s, const struct web_request *q, struct web_answer *ret,
	struct werr **err)
{
	int r = 0;

	for (int i = 0; i < ATTEMPTS; i++) {
		CLEANUP(web_answer) struct web_answer a = {0};
		CLEANUP(werr) struct werr *why = NULL;

		if (i)
			pause_ms(PAUSE_MS);
		r = ask_once(s, q, &a, &why);
		if (r == 0 && a.status == 200) {
			*ret = a;
			a = (struct web_answer){0};
			return 0;
		}
		if (r == 0 && a.status != 429 && a.status < 500)
			return -ENOENT;
		if (r == 0)
			r = werr_set(&why, WERR_FAILED, "the answer is %u", a.status);
		if (i + 1 == ATTEMPTS || clock_ms() + PAUSE_MS >= s->end) {
			werr_wrap(&why, "http://%s%s", q->host, q->path);
			werr_pass(err, STEAL(why));
			break;
		}
	}
	return r;
}

/* Besides the loopback. */
static bool has_card(void)
{
	CLEANUP(strv) struct strv names = {0};

	return fs_names("/sys/class/net", &names) == 0 && names.n > strv_has(&names, "lo");
}

static bool is_silent(const struct provider_search *s, uint32_t address)
{
	for (size_t i = 0; address && i < s->n_silent; i++)
		if (s->silent[i] == address)
			return true;
	return false;
}

enum provider_sight provider_knock(
	struct provider_search *s, const struct web_request *q, struct web_answer *ret)
{
	CLEANUP(werr) struct werr *why = NULL;
	int r;

	if (is_silent(s, q->address))
		return PROVIDER_ABSENT;
	if (!has_card()) {
		say(s, q, "there is no network card");
		return s->patient ? PROVIDER_LATER : PROVIDER_ABSENT;
	}
	r = ask_once(s, q, ret, &why);
	if (r == 0 && ret->status == 200)
		return PROVIDER_FOUND;
	if (r == 0 && ret->status != 429 && ret->status < 500)
		return PROVIDER_ABSENT;
	web_answer_cleanup(ret);
	if (r == -EBADMSG || r == -E2BIG)
		return PROVIDER_ABSENT;
	if (s->patient || r == -ENETUNREACH)
		return PROVIDER_LATER;
	if (r < 0 && q->address && s->n_silent < ARRAY_SIZE(s->silent))
		s->silent[s->n_silent++] = q->address;
	return PROVIDER_ABSENT;
}
