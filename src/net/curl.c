/* SPDX-License-Identifier: Apache-2.0 */
#include "net/curl.h"

#ifndef WHERRY_STATIC
#include <dlfcn.h>
#endif
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

/* Has CURLOPT_PROTOCOLS_STR, without which it could be made to open files. */
enum { OLDEST = 0x075500 };

typedef void (*function)(void);

#ifdef WHERRY_STATIC
#define LINKED(name_) ((function)(curl_##name_))
#else
#define LINKED(name_) NULL
#endif

/* Each member of curl_api is the function of this name. */
#define ROW(name_)                                                              \
	{                                                                       \
		"curl_" #name_, LINKED(name_), offsetof(struct curl_api, name_) \
	}
static const struct {
	const char *symbol;
	function linked; /* with the option `static` */
	size_t offset;
} functions[] = {
	ROW(global_init),
	ROW(version_info),
	ROW(easy_init),
	ROW(easy_setopt),
	ROW(easy_getinfo),
	ROW(easy_pause),
	ROW(easy_strerror),
	ROW(easy_cleanup),
	ROW(multi_init),
	ROW(multi_setopt),
	ROW(multi_add_handle),
	ROW(multi_remove_handle),
	ROW(multi_perform),
	ROW(multi_poll),
	ROW(multi_wakeup),
	ROW(multi_info_read),
	ROW(multi_cleanup),
	ROW(slist_append),
	ROW(slist_free_all),
	ROW(easy_escape),
	ROW(url),
	ROW(url_set),
	ROW(url_get),
	ROW(url_cleanup),
	ROW(free),
};

#ifndef WHERRY_STATIC
/* The second one comes with git. */
static void *open_library(void)
{
	static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
	void *library = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return library;
}
#endif

static int too_old(const char *version, struct werr **err)
{
	int r = werr_set(err, WERR_UNSUPPORTED,
		"libcurl %s is too old to speak to registries; 7.85 is needed", version);

	werr_hint(err, "install a newer libcurl4");
	return r;
}

static int find_functions(struct curl_api *ret, struct werr **err)
{
#ifndef WHERRY_STATIC
	void *library = open_library();

	if (!library) {
		werr_set(err, WERR_NOT_FOUND,
			"libcurl, which speaks to registries, is not installed");
		werr_hint(err, "install it: apt-get install libcurl4");
		return werr_code(WERR_NOT_FOUND);
	}
#endif
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		function f = functions[i].linked;

#ifndef WHERRY_STATIC
		/* POSIX guarantees that a pointer to a function fits. */
		*(void **)&f = dlsym(library, functions[i].symbol);
#endif
		if (!f)
			return too_old("here", err);
		memcpy((char *)ret + functions[i].offset, &f, sizeof(f));
	}
	return 0;
}

int curl_load(struct curl_api *ret, struct werr **err)
{
	const curl_version_info_data *info;
	int r = find_functions(ret, err);

	if (r < 0)
		return r;
	info = ret->version_info(CURLVERSION_NOW);
	if (info->version_num < OLDEST)
		return too_old(info->version, err);
	if (ret->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return werr_set(err, WERR_FAILED, "libcurl can't be used here");
	return 0;
}
