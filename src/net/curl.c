/* SPDX-License-Identifier: Apache-2.0 */
#include "net/curl.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

/* Has CURLOPT_PROTOCOLS_STR, without which it could be made to open files. */
enum { OLDEST = 0x075500 };

/* Each member of curl_api is the function of this name. */
#define ROW(name_)                                               \
	{                                                        \
		"curl_" #name_, offsetof(struct curl_api, name_) \
	}
static const struct {
	const char *symbol;
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

/* The second one comes with git. */
static void *open_library(void)
{
	static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
	void *library = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	return library;
}

static int too_old(const char *version, struct werr **err)
{
	int r = werr_set(err, WERR_UNSUPPORTED,
		"libcurl %s is too old to speak to registries; 7.85 is needed", version);

	werr_hint(err, "install a newer libcurl4");
	return r;
}

int curl_load(struct curl_api *ret, struct werr **err)
{
	void *library = open_library();
	const curl_version_info_data *info;
	int r;

	if (!library) {
		r = werr_set(err, WERR_NOT_FOUND,
			"libcurl, which speaks to registries, is not installed");
		werr_hint(err, "install it: apt-get install libcurl4");
		return r;
	}
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *function = dlsym(library, functions[i].symbol);

		if (!function)
			return too_old("here", err);
		/* POSIX guarantees that a pointer to a function fits. */
		memcpy((char *)ret + functions[i].offset, &function, sizeof(function));
	}
	info = ret->version_info(CURLVERSION_NOW);
	if (info->version_num < OLDEST)
		return too_old(info->version, err);
	if (ret->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return werr_set(err, WERR_FAILED, "libcurl can't be used here");
	return 0;
}
