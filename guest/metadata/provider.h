/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who tells a machine what it is. A provider looks whether it is there, and then takes all that it
 * has: files below /run/config, SSH keys, user data.
 */
#ifndef WHERRY_GUEST_PROVIDER_H
#define WHERRY_GUEST_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "data/node.h"
#include "metadata/smbios.h"
#include "metadata/web.h"

enum {
	PROVIDER_TITLE = 288,
	PROVIDER_KEYS_MAX = 256 << 10,
	PROVIDER_SILENT_MAX = 8,
	PROVIDER_TAKE_MS = 30000, /* one that is there gives all it has in this time */
};

/* The file with the host name, which may come from user data. */
#define PROVIDER_HOSTNAME "hostname"

/* What a look has found: nothing and never will, nothing yet, or the provider. */
enum provider_sight { PROVIDER_ABSENT, PROVIDER_LATER, PROVIDER_FOUND };

/* What the providers share while they are asked. */
struct provider_search {
	int dir_fd;   /* /run/config */
	bool verbose; /* say each request on stderr */
	bool patient; /* the user named the providers, so one of them must come */
	uint64_t end; /* of the time for what is done now, in clock_ms() */
	struct smbios firmware;
	uint32_t silent[PROVIDER_SILENT_MAX]; /* addresses that did not answer */
	size_t n_silent;
	/* Of the provider that was found. */
	char title[PROVIDER_TITLE]; /* for the file `provider` */
	struct strv own;            /* files that user data can't replace */
	struct buf keys;            /* lines for ssh/authorized_keys */
	char *userdata;             /* NULL: none; owned */
	size_t userdata_size;
};
#define PROVIDER_SEARCH() \
	((struct provider_search){.dir_fd = -1, .keys = BUF_INIT(PROVIDER_KEYS_MAX)})
void provider_search_cleanup(struct provider_search *s);

struct provider {
	const char *name;
	/*
	 * argument: what follows the "=" of `name=`. The errors of a provider that is there are a
	 * list; what there is besides is taken. One that is not there is no error.
	 */
	enum provider_sight (*look)(
		struct provider_search *s, const char *argument, struct werr **err);
	bool only_named; /* not among those that are asked when none is named */
	/* What the firmware of the provider's machines says; NULL: nothing. */
	const char *vendor, *product, *tag;
};
/* In the order in which they are asked. NULL when there is no such one. */
extern const struct provider provider_table[];
extern const size_t provider_table_size;
/* By "name", or "file=PATH". *ret_argument may be NULL. */
const struct provider *provider_find(const char *word, const char **ret_argument);
/* The one whose machine this is, as its firmware says; NULL: it does not say. */
const struct provider *provider_of_firmware(const struct smbios *firmware);

/* ---- for the providers ---- */

void provider_set_title(struct provider_search *s, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* From now on the file of /run/config is not one that user data may write. */
void provider_own(struct provider_search *s, const char *file);
/*
 * Write a file of /run/config, mode 0644, which is then its own, unless it is the host name. A
 * failure is added to the list.
 */
void provider_put(struct provider_search *s, const char *file, const char *data, size_t size,
	struct werr **err);
/* The same for text, unless it is NULL. */
void provider_put_text(
	struct provider_search *s, const char *file, const char *text, struct werr **err);
/* Takes over the user data; empty is none. */
void provider_take_userdata(struct provider_search *s, char *data, size_t size);
/* The same for Base64, which stays the caller's. */
void provider_take_base64(
	struct provider_search *s, const char *text, size_t size, struct werr **err);
/*
 * What there is in a JSON: each row's scalar, which is under a key of the top map, becomes a file.
 * An empty key ends the rows.
 */
struct provider_field {
	const char *key, *file;
};
void provider_put_fields(struct provider_search *s, const struct node *top,
	const struct provider_field *fields, struct werr **err);
/* Add the keys that are the scalars of a list or a map. */
void provider_add_keys(struct provider_search *s, const struct node *list);

/*
 * Ask a service until it answers with anything but 429 and 5xx, at most three times and until
 * s->end. 0: the answer's status is 200. -ENOENT without an error: it is another, or another one
 * than `flavor` answers (a line "Metadata-Flavor"). Otherwise as web_ask().
 */
int provider_ask(struct provider_search *s, const struct web_request *q, struct web_answer *ret,
	struct werr **err);
/* The first question to a service: is it there? q is asked once. */
enum provider_sight provider_knock(
	struct provider_search *s, const struct web_request *q, struct web_answer *ret);

#endif
