/* SPDX-License-Identifier: Apache-2.0 */
/* VMware: guestinfo.metadata and guestinfo.userdata, which the machine's host has set. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/str.h"
#include "metadata/backdoor.h"
#include "metadata/cloud.h"
#include "metadata/plaintext.h"

enum { ANSWERS = 4, ANSWERS_MAX = ANSWERS * (BACKDOOR_VALUE_MAX + 16) };
static const char *const names[ANSWERS] = {
	"metadata", "metadata.encoding", "userdata", "userdata.encoding"};

struct answer {
	const char *text; /* "" when it is not set */
	size_t size;
};

/* Each answer with its length before it, as text and a line feed. */
static void ask_all(const struct backdoor *b, int to)
{
	for (size_t i = 0; backdoor_is_there(b) && i < ANSWERS; i++) {
		CLEANUP(free) char *value = NULL, *line = NULL;
		size_t size = 0;

		backdoor_guestinfo(b, names[i], &value, &size, NULL);
		line = str_printf("%zu\n", size);
		if (fd_write_all(to, line, strlen(line)) < 0 || fd_write_all(to, value, size) < 0)
			break;
	}
}

/*
 * In a process of its own, as reading the port may end it. NULL: nobody is behind it; else what
 * ask_all() wrote.
 */
static char *ask(size_t *ret_size)
{
	const struct backdoor *b = backdoor_port();
	char *text = NULL;
	int pipes[2], status = -1;
	pid_t pid;

	if (!b || pipe2(pipes, O_CLOEXEC) < 0)
		return NULL;
	pid = fork();
	if (pid == 0) {
		ask_all(b, pipes[1]);
		_exit(0);
	}
	close(pipes[1]);
	if (pid < 0)
		close(pipes[0]);
	else if (file_read_fd(pipes[0], "the backdoor", ANSWERS_MAX, &text, ret_size, NULL) < 0)
		text = NULL;
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (status == 0 && text && *ret_size)
		return text;
	free(text);
	return NULL;
}

static bool split(const char *text, size_t size, struct answer ret[static ANSWERS])
{
	const char *end = text + size;

	for (size_t i = 0; i < ANSWERS; i++) {
		const char *feed = memchr(text, '\n', (size_t)(end - text));
		CLEANUP(free) char *number = feed ? str_dup_n(text, (size_t)(feed - text)) : NULL;
		uint64_t n;

		if (!feed || str_to_u64(number, 10, &n) < 0 || n > (uint64_t)(end - feed - 1))
			return false;
		ret[i] = (struct answer){feed + 1, (size_t)n};
		text = feed + 1 + n;
	}
	return true;
}

static bool is(const struct answer *a, const char *word)
{
	return a->size == strlen(word) && memcmp(a->text, word, a->size) == 0;
}

/* The value as it was before it was encoded; NULL: it is not set, or (with an error) unknown. */
static char *decode(const struct answer *value, const struct answer *encoding, const char *name,
	size_t *ret_size, struct werr **err)
{
	CLEANUP(buf) struct buf data = BUF_INIT(BACKDOOR_VALUE_MAX);
	struct werr *why = NULL;

	/* How some tools clear one. */
	if (!value->size || is(value, " ") || is(value, "---"))
		return NULL;
	if (!encoding->size || is(encoding, " "))
		buf_add(&data, value->text, value->size);
	else if (is(encoding, "base64") || is(encoding, "b64"))
		plaintext_base64(value->text, value->size, &data, &why);
	else
		werr_set(&why, WERR_UNSUPPORTED, "the encoding is '%.*s'",
			(int)(encoding->size < 40 ? encoding->size : 40), encoding->text);
	if (why) {
		werr_hint(&why, "it can be base64, or none");
		werr_wrap(&why, "guestinfo.%s", name);
		werr_append(err, why);
		return NULL;
	}
	*ret_size = data.len;
	return buf_steal(&data);
}

enum provider_sight cloud_vmware(
	struct provider_search *s, const char *argument ATTR_UNUSED, struct werr **err)
{
	CLEANUP(free) char *text = NULL, *metadata = NULL;
	struct answer a[ANSWERS];
	size_t size = 0;
	char *data;

	/* Anywhere else nobody may read that port. */
	if (!str_after(smbios_find(&s->firmware, SMBIOS_SYSTEM, SMBIOS_SYSTEM_VENDOR), "VMware"))
		return PROVIDER_ABSENT;
	text = ask(&size);
	if (!text || !split(text, size, a) || (!a[0].size && !a[2].size))
		return PROVIDER_ABSENT;
	provider_set_title(s, "VMWARE");
	metadata = decode(&a[0], &a[1], names[0], &size, err);
	if (metadata)
		cloud_take_nocloud(s, metadata, size, err);
	data = decode(&a[2], &a[3], names[2], &size, err);
	provider_take_userdata(s, data, size);
	return PROVIDER_FOUND;
}
