/* SPDX-License-Identifier: Apache-2.0 */
#include "metadata/metadata.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "metadata/cloud.h"
#include "metadata/confdir.h"
#include "metadata/plaintext.h"
#include "metadata/userdata.h"
#include "tools/args.h"

enum {
	NAMED_MS = 30000,  /* to wait for a provider that was named */
	UNNAMED_MS = 5000, /* for a network or a disk, when none was */
	PAUSE_MS = 250,
	CHOSEN_MAX = 32,
	HOST_BYTES = 64,
	HOST_FILE_MAX = 4096,
};
static const char config[] = "/run/config";

struct choice {
	const struct provider *provider;
	const char *argument;
	bool absent;
};

static int fail_unknown(const char *word, struct werr **err)
{
	const char *names[CHOSEN_MAX + 1] = {0};
	const char *nearest;
	int r = werr_set(err, WERR_USAGE, "unknown provider %.80s", word);

	for (size_t i = 0; i < provider_table_size; i++)
		names[i] = provider_table[i].name;
	nearest = str_nearest(word, names);
	if (nearest)
		werr_hint(err, "did you mean %s?", nearest);
	else
		werr_hint(err, "one is a name, as in `metadata aws cdrom`, or file=PATH");
	return r;
}

static int choose_named(
	const struct strv *words, struct choice *ret, size_t *ret_n, struct werr **err)
{
	if (words->n > CHOSEN_MAX)
		return werr_set(err, WERR_USAGE, "more than %d providers", CHOSEN_MAX);
	for (size_t i = 0; i < words->n; i++) {
		ret[i].provider = provider_find(words->items[i], &ret[i].argument);
		if (!ret[i].provider)
			return fail_unknown(words->items[i], err);
	}
	*ret_n = words->n;
	return 0;
}

/* The one that the firmware names, then the others. */
static size_t choose_all(const struct smbios *firmware, struct choice *ret)
{
	const struct provider *first = provider_of_firmware(firmware);
	size_t n = 0;

	if (first)
		ret[n++].provider = first;
	for (size_t i = 0; i < provider_table_size && n < CHOSEN_MAX; i++)
		if (!provider_table[i].only_named && &provider_table[i] != first)
			ret[n++].provider = &provider_table[i];
	return n;
}

/* Until one is there, or none can come any more. */
static bool search(struct provider_search *s, struct choice *choices, size_t n, struct werr **err)
{
	const uint64_t over = clock_ms() + (s->patient ? NAMED_MS : UNNAMED_MS);
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000};
	size_t left;

	do {
		left = 0;
		for (size_t i = 0; i < n; i++) {
			enum provider_sight sight = PROVIDER_ABSENT;

			s->end = clock_ms() + PROVIDER_TAKE_MS;
			if (!choices[i].absent)
				sight = choices[i].provider->look(s, choices[i].argument, err);
			if (sight == PROVIDER_FOUND)
				return true;
			choices[i].absent = sight == PROVIDER_ABSENT;
			left += sight == PROVIDER_LATER;
		}
		/* What could not be mounted is tried again; only the last time is told. */
		if (left && clock_ms() < over)
			werr_free(STEAL(*err));
		nanosleep(&pause, NULL);
	} while (left && clock_ms() < over);
	return false;
}

static void write_keys(const struct provider_search *s, struct werr **err)
{
	CLEANUP(fd) int fd = -1;
	struct werr *why = NULL;

	if (s->keys.len && confdir_enter(s->dir_fd, "ssh", &fd, &why) == 0)
		confdir_write(fd, "authorized_keys", buf_str(&s->keys), s->keys.len, 0600, &why);
	if (buf_error(&s->keys) < 0)
		werr_set(why ? NULL : &why, WERR_LIMIT, "the SSH keys have more than %d bytes",
			PROVIDER_KEYS_MAX);
	werr_append(err, why);
}

/* The file may come from the user data too. *ret is "" when there is none, or it is no name. */
static void set_host_name(
	const struct provider_search *s, char ret[static HOST_BYTES + 1], struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	struct werr *why = NULL;
	size_t size;

	*ret = 0;
	if (confdir_read(s->dir_fd, "hostname", HOST_FILE_MAX, &text, &size, &why) < 0) {
		werr_append(why->kind == WERR_NOT_FOUND ? NULL : err, why);
		return;
	}
	text[strcspn(text, " \t\r\n")] = 0;
	if (!plaintext_is_host(text)) {
		werr_set(&why, WERR_INVALID, "'%.80s' is not the name of a host", text);
		werr_append(err, why);
		return;
	}
	/* The kernel's limit; a name without its domain has at most 63 bytes. */
	if (strlen(text) > HOST_BYTES)
		text[strcspn(text, ".")] = 0;
	str_copy(ret, HOST_BYTES + 1, text);
	if (sethostname(ret, strlen(ret)) < 0) {
		werr_errno(&why, errno, "can't set the host name %s", ret);
		werr_append(err, why);
	}
}

static void write_all(struct provider_search *s, struct werr **err)
{
	char host[HOST_BYTES + 1];
	struct werr *why = NULL;
	size_t keys = 0;

	provider_put_text(s, "provider", s->title, err);
	write_keys(s, err);
	if (s->userdata &&
		userdata_write(s->dir_fd, &s->own, s->userdata, s->userdata_size, &why) < 0)
		werr_append(err, why);
	set_host_name(s, host, err);
	for (size_t i = 0; i < s->keys.len; i++)
		keys += s->keys.data[i] == '\n';
	printf("metadata: %s: host name %s, %zu SSH keys, %zu bytes of user data\n", s->title,
		*host ? host : "not given", keys, s->userdata ? s->userdata_size : 0);
}

static int run(struct provider_search *s, const struct strv *words, struct werr **err)
{
	struct choice choices[CHOSEN_MAX] = {0};
	size_t n = 0;
	int r = choose_named(words, choices, &n, err);

	if (r < 0)
		return r;
	if (smbios_read(&s->firmware, err) < 0)
		return -EIO;
	s->patient = words->n > 0;
	if (!s->patient)
		n = choose_all(&s->firmware, choices);
	r = confdir_open(config, &s->dir_fd, err);
	if (r < 0)
		return r;
	if (search(s, choices, n, err)) {
		write_all(s, err);
		return 0;
	}
	if (!s->patient) {
		printf("metadata: no provider is there\n");
		return 0;
	}
	werr_set(*err ? NULL : err, WERR_NOT_FOUND,
		"none of the providers that were named is there");
	werr_hint(err, "-v shows what was asked, and what the answers were");
	return -ENOENT;
}

int metadata_main(int argc, char **argv)
{
	CLEANUP(provider_search) struct provider_search s = PROVIDER_SEARCH();
	CLEANUP(strv) struct strv words = {0};
	CLEANUP(werr) struct werr *err = NULL;
	const struct arg options[] = {{"v", ARG_FLAG, &s.verbose}, {0}};

	signal(SIGPIPE, SIG_IGN);
	if (args_parse(options, argc, argv, &words, &err) == 0)
		run(&s, &words, &err);
	return args_report("metadata", err);
}
