/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/git-digits.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/str.h"
#include "hash/sha256.h"
#include "pkg/git.h"

/* LinuxKit reads git's quoted form of such a name as a name, and finds no file of it. */
static bool is_quoted(const char *name)
{
	for (; *name; name++)
		if (*name < ' ' || *name > '~' || *name == '"' || *name == '\\')
			return true;
	return false;
}

static int add_file(struct sha256 *h, const char *path, struct werr **err)
{
	CLEANUP(reader) struct reader *from = NULL;
	CLEANUP(writer) struct writer *to = NULL;
	struct stat st;
	int fd, r;

	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	r = file_open(path, &fd, err);
	if (r < 0)
		return r == -EACCES ? 0 : r;
	from = fd_reader_new(fd, FD_OWNED, path);
	to = sha256_writer_new(NULL, h);
	return io_copy(from, to, NULL, err);
}

static int add_listed(
	const struct git_place *place, const char *const *list, struct sha256 *h, struct werr **err)
{
	CLEANUP(free) char *text = NULL;
	size_t size = 0;
	int r = git_run(place->top, list, &text, &size, NULL, err);

	for (const char *p = text; r == 0 && p && p < text + size; p += strlen(p) + 1) {
		CLEANUP(free) char *path = path_join(place->top, p);

		if (!is_quoted(p))
			r = add_file(h, path, err);
	}
	return r;
}

int git_digits_of_linuxkit(const char *dir, char **hash, struct werr **err)
{
	CLEANUP(git_place) struct git_place place = {0};
	CLEANUP(sha256) struct sha256 *h = NULL;
	char hex[SHA256_HEX + 1], *digits = strstr(*hash, GIT_DIRTY);
	const char *inside;
	int r = digits ? git_find(dir, &place, err) : 0;

	if (r < 0 || !digits)
		return r;
	digits += strlen(GIT_DIRTY);
	inside = *place.inside ? place.inside : ".";
	h = sha256_new();
	r = add_listed(&place, (const char *[]){"ls-files", "-z", "--", inside, NULL}, h, err);
	if (r == 0)
		r = add_listed(&place,
			(const char *[]){"ls-files", "-z", "--exclude-standard", "--others", "--",
				inside, NULL},
			h, err);
	if (r < 0)
		return r;
	sha256_hex(h, hex);
	memcpy(digits, hex, strlen(digits));
	return 0;
}
