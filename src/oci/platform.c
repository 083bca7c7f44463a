/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/platform.h"

#include <sys/utsname.h>

#include "arch/arch.h"
#include "base/str.h"

static bool set_alias(struct platform *p, const char *arch)
{
	const char *variant = "";
	const struct arch *a = arch_find_alias(arch, &variant);

	if (!a)
		return false;
	str_copy(p->arch, sizeof(p->arch), a->name);
	if (!p->variant[0])
		str_copy(p->variant, sizeof(p->variant), variant);
	return true;
}

static const char *nearest_arch(const char *arch)
{
	const char *names[ARCH_MAX + 1] = {0};

	for (size_t i = 0; arch_table[i].name; i++)
		names[i] = arch_table[i].name;
	return str_nearest(arch, names);
}

static int set_architecture(
	struct platform *p, const char *text, const char *arch, struct werr **err)
{
	const char *near;

	if (set_alias(p, arch))
		return 0;
	if (arch_find(arch))
		return str_copy(p->arch, sizeof(p->arch), arch);
	near = nearest_arch(arch);
	werr_set(err, WERR_INVALID, "unknown architecture '%.40s' in the platform '%.80s'%s%s%s",
		arch, text, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	werr_hint(err, "write it like arm64, linux/amd64 or linux/arm/v7");
	return werr_code(WERR_INVALID);
}

static bool is_bare(const char *variant)
{
	return variant[0] >= '1' && variant[0] <= '9' && !variant[1];
}

/* "v8", or "8" as some tools write it; other words are unchanged. */
static int set_variant(struct platform *p, const char *text, const char *variant, struct werr **err)
{
	bool bare = is_bare(variant);

	if (!variant[0] || str_eq(variant, PLATFORM_ANY_VARIANT) ||
		str_format(p->variant, sizeof(p->variant), "%s%s", bare ? "v" : "", variant) < 0)
		return werr_set(err, WERR_INVALID, "'%.80s' is not a platform", text);
	return 0;
}

int platform_parse(const char *text, struct platform *ret, struct werr **err)
{
	CLEANUP(strv) struct strv parts = {0};
	struct platform p = {.os = "linux"};
	size_t arch;
	int r;

	strv_split(&parts, text, '/');
	if (parts.n > 3)
		return werr_set(err, WERR_INVALID, "'%.80s' is not a platform", text);
	arch = parts.n > 1;
	if (arch && !str_eq(parts.items[0], "linux"))
		return werr_set(err, WERR_UNSUPPORTED,
			"the platform '%.80s' is not a Linux platform", text);
	r = set_architecture(&p, text, parts.items[arch], err);
	if (r == 0 && parts.n == 3)
		r = set_variant(&p, text, parts.items[2], err);
	if (r == 0)
		*ret = p;
	return r;
}

static void to_lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s += 'a' - 'A';
}

void platform_normalize(struct platform *p)
{
	char arch[sizeof(p->arch)], variant[sizeof(p->variant)];

	to_lower(p->os);
	to_lower(p->arch);
	to_lower(p->variant);
	str_copy(arch, sizeof(arch), p->arch);
	(void)set_alias(p, arch);
	str_copy(variant, sizeof(variant), p->variant);
	if (is_bare(variant))
		str_format(p->variant, sizeof(p->variant), "v%s", variant);
}

void platform_host(struct platform *ret)
{
	struct utsname u;

	if (uname(&u) == 0 && platform_parse(u.machine, ret, NULL) == 0)
		return;
	*ret = (struct platform){.os = "linux", .arch = "amd64"};
}

/* Return the n of "vn", where an empty variant is its default; 0 for any other word. */
static unsigned variant_level(const struct platform *p)
{
	const struct arch *arch;

	if (p->variant[0] == 'v' && p->variant[1] >= '1' && p->variant[1] <= '9' && !p->variant[2])
		return (unsigned)(p->variant[1] - '0');
	arch = p->variant[0] ? NULL : arch_find(p->arch);
	return arch && arch->variant ? (unsigned)(arch->variant - '0') : 0;
}

bool platform_is_any(const struct platform *p)
{
	return !p->os[0] && !p->arch[0];
}

bool platform_matches(const struct platform *have, const struct platform *want)
{
	unsigned level = variant_level(have);

	if (platform_is_any(have))
		return true;
	if (!str_eq(have->os, want->os) || !str_eq(have->arch, want->arch))
		return false;
	if (str_eq(want->variant, PLATFORM_ANY_VARIANT))
		return true;
	if (level && variant_level(want))
		return level <= variant_level(want);
	return str_eq(have->variant, want->variant);
}

bool platform_is(const struct platform *have, const struct platform *want)
{
	if (!str_eq(have->os, want->os) || !str_eq(have->arch, want->arch))
		return false;
	if (!want->variant[0] || str_eq(have->variant, want->variant))
		return true;
	return variant_level(have) && variant_level(have) == variant_level(want);
}

bool platform_better(const struct platform *a, const struct platform *b)
{
	return variant_level(a) > variant_level(b);
}

char *platform_text(const struct platform *p, char dst[static PLATFORM_TEXT_MAX])
{
	bool has_variant = p->variant[0] && !str_eq(p->variant, PLATFORM_ANY_VARIANT);

	if (platform_is_any(p)) {
		str_copy(dst, PLATFORM_TEXT_MAX, "any");
		return dst;
	}
	str_format(dst, PLATFORM_TEXT_MAX, "%s/%s%s%s", p->os, p->arch, has_variant ? "/" : "",
		has_variant ? p->variant : "");
	return dst;
}
