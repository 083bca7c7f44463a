/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/platform.h"

#include <sys/utsname.h>

#include "base/attr.h"
#include "base/str.h"

/* Other words for an architecture: uname's, Debian's, and what people write. */
static const struct {
	const char *alias, *arch, *variant;
} aliases[] = {
	{"x86_64", "amd64", ""},
	{"x86-64", "amd64", ""},
	{"aarch64", "arm64", ""},
	{"armhf", "arm", "v7"},
	{"armv7l", "arm", "v7"},
	{"armv7", "arm", "v7"},
	{"armel", "arm", "v6"},
	{"armv6l", "arm", "v6"},
	{"armv6", "arm", "v6"},
	{"i386", "386", ""},
	{"i686", "386", ""},
	{"loongarch64", "loong64", ""},
	{"ppc64el", "ppc64le", ""},
	{"mips64el", "mips64le", ""},
};

static const char *const architectures[] = {
	"amd64",
	"arm64",
	"arm",
	"386",
	"riscv64",
	"ppc64le",
	"s390x",
	"loong64",
	"mips64le",
	NULL,
};

/* What an empty variant means. */
static const struct {
	const char *arch;
	char variant;
} defaults[] = {
	{"arm64", '8'},
	{"arm", '7'},
	{"amd64", '1'},
};

static bool known_architecture(const char *arch)
{
	for (const char *const *a = architectures; *a; a++)
		if (str_eq(*a, arch))
			return true;
	return false;
}

static bool set_alias(struct platform *p, const char *arch)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (str_eq(aliases[i].alias, arch)) {
			str_copy(p->arch, sizeof(p->arch), aliases[i].arch);
			if (!p->variant[0])
				str_copy(p->variant, sizeof(p->variant), aliases[i].variant);
			return true;
		}
	return false;
}

static int set_architecture(
	struct platform *p, const char *text, const char *arch, struct werr **err)
{
	const char *near;

	if (set_alias(p, arch))
		return 0;
	if (known_architecture(arch))
		return str_copy(p->arch, sizeof(p->arch), arch);
	near = str_nearest(arch, architectures);
	werr_set(err, WERR_INVALID, "unknown architecture '%.40s' in the platform '%.80s'%s%s%s",
		arch, text, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	werr_hint(err, "write it like arm64, linux/amd64 or linux/arm/v7");
	return werr_code(WERR_INVALID);
}

static bool is_bare(const char *variant)
{
	return variant[0] >= '1' && variant[0] <= '9' && !variant[1];
}

/* "v8", or "8" as some write it; other words stay as they are. */
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
		return werr_set(
			err, WERR_UNSUPPORTED, "the platform '%.80s' is not one of linux", text);
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

/* The n of "vn", an empty variant being its default; 0: another word. */
static unsigned variant_level(const struct platform *p)
{
	if (p->variant[0] == 'v' && p->variant[1] >= '1' && p->variant[1] <= '9' && !p->variant[2])
		return (unsigned)(p->variant[1] - '0');
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (!p->variant[0] && str_eq(defaults[i].arch, p->arch))
			return (unsigned)(defaults[i].variant - '0');
	return 0;
}

bool platform_matches(const struct platform *have, const struct platform *want)
{
	unsigned level = variant_level(have);

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

	str_format(dst, PLATFORM_TEXT_MAX, "%s/%s%s%s", p->os, p->arch, has_variant ? "/" : "",
		has_variant ? p->variant : "");
	return dst;
}
