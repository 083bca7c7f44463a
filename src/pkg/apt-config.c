/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/apt-config.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/process.h"

enum { TARGETS_MAX = 4 << 20 };

/* Settings of this machine for reaching the mirror and checking dates. */
static const char *const carried[] = {"Acquire::http::", "Acquire::https::", "Acquire::Check-",
	"Acquire::Retries", "Acquire::ForceIPv", NULL};

static const char *const suite_names[] = {"bookworm", "trixie", "forky", "bullseye", "sid",
	"stable", "oldstable", "testing", "unstable", NULL};

void apt_mirrors_cleanup(struct apt_mirrors *m)
{
	free(m->main);
	free(m->security);
	*m = (struct apt_mirrors){0};
}

static bool is_debian_release(const char *release)
{
	size_t size = strcspn(release, "-/");

	for (size_t i = 0; suite_names[i]; i++)
		if (strlen(suite_names[i]) == size && strncmp(release, suite_names[i], size) == 0)
			return true;
	return false;
}

static void take_mirror(const char *line, struct apt_mirrors *m)
{
	CLEANUP(strv) struct strv f = {0};
	bool security;

	strv_split(&f, line, '|');
	if (f.n != 4 || !*f.items[3])
		return;
	if (*f.items[0] ? !str_eq(f.items[0], "Debian") : !is_debian_release(f.items[2]))
		return;
	security = str_eq(f.items[1], "Debian-Security") || strstr(f.items[2], "-security");
	/* Backports are on the main mirror too, so any other entry of Debian's will do. */
	if (security && !m->security)
		m->security = str_dup(f.items[3]);
	else if (!security && !m->main)
		m->main = str_dup(f.items[3]);
}

void apt_take_mirrors(const char *lines, struct apt_mirrors *m)
{
	CLEANUP(strv) struct strv all = {0};
	const char *line;

	strv_split(&all, lines, '\n');
	STRV_FOREACH (line, &all)
		take_mirror(line, m);
}

char *apt_security_beside(const char *main)
{
	static const char word[] = "/debian";
	const char *at = NULL;

	for (const char *p = strstr(main, word); p; p = strstr(p + 1, word))
		if (p[sizeof(word) - 1] == '\0' || p[sizeof(word) - 1] == '/')
			at = p + sizeof(word) - 1;
	/* In "http://debian/" it is the name of a machine. */
	if (!at || strstr(main, "//debian") == at - sizeof(word))
		return NULL;
	return str_printf("%.*s-security%s", (int)(at - main), main, at);
}

void apt_take_releases(const char *lines, struct apt_mirrors *m)
{
	CLEANUP(strv) struct strv all = {0};
	const char *line;

	strv_split(&all, lines, '\n');
	STRV_FOREACH (line, &all) {
		const char *dists = strstr(line, "/dists/");
		const char *release = dists ? dists + strlen("/dists/") : NULL;
		CLEANUP(free) char *target = NULL;

		if (!dists || *line != '\'')
			continue;
		target = str_printf("||%.*s|%.*s", (int)strcspn(release, "/'"), release,
			(int)(dists - line - 1), line + 1);
		take_mirror(target, m);
	}
}

/* Take what is not set yet from this machine's apt. */
static int ask_apt(const char *const *argv, void (*take)(const char *, struct apt_mirrors *),
	struct apt_mirrors *m, struct werr **err)
{
	const struct process_spec spec = {
		.argv = argv, .output_max = TARGETS_MAX, .timeout_seconds = APT_ASK_TIMEOUT};
	struct process_result result = {0};
	int r = process_run_ok(&spec, &result, err);

	if (r < 0) {
		werr_hint(err, "Debian packages are fetched with apt-get, which needs Debian or a "
			       "derivative");
		return r;
	}
	take(result.output, m);
	process_result_cleanup(&result);
	return 0;
}

/*
 * apt of Debian 13 lists no targets before its first update, but it tells what it would update
 * from.
 */
static int find_in_apt(struct apt_mirrors *m, struct werr **err)
{
	static const char *const targets[] = {"apt-get", "indextargets", "--format",
		"$(ORIGIN)|$(LABEL)|$(RELEASE)|$(REPO_URI)", NULL};
	static const char *const releases[] = {"apt-get", "update", "--print-uris", NULL};
	int r = ask_apt(targets, apt_take_mirrors, m, err);

	return r < 0 || m->main ? r : ask_apt(releases, apt_take_releases, m, err);
}

static char *from_environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? str_dup(value) : NULL;
}

int apt_find_mirrors(struct apt_mirrors *ret, struct werr **err)
{
	CLEANUP(apt_mirrors) struct apt_mirrors m = {0};
	int r = 0;

	m.main = from_environment("WHERRY_DEBIAN_MIRROR");
	m.security = from_environment("WHERRY_DEBIAN_SECURITY_MIRROR");
	if (!m.main || !m.security)
		r = find_in_apt(&m, err);
	if (r < 0)
		return r;
	if (!m.main) {
		r = werr_set(
			err, WERR_NOT_FOUND, "this machine's apt does not name a mirror of Debian");
		werr_hint(err,
			"export WHERRY_DEBIAN_MIRROR=http://ftp.debian.org/debian "
			"WHERRY_DEBIAN_SECURITY_MIRROR=http://security.debian.org/debian-security, "
			"and install the package debian-archive-keyring (docs/pkg.md)");
		return r;
	}
	if (!m.security) {
		m.security = apt_security_beside(m.main);
		m.guessed = true;
	}
	if (m.security && str_eq(m.security, "none")) {
		str_replace(&m.security, NULL);
		m.no_updates = true;
	}
	*ret = m;
	m = (struct apt_mirrors){0};
	return 0;
}

char *apt_sources_text(const struct apt_mirrors *m, const struct apt_suite *suite, bool source)
{
	const char *components = suite->firmware ? "main non-free-firmware" : "main";
	const char *type = source ? "deb-src" : "deb";
	CLEANUP(free)
	char *updates = m->no_updates ? str_dup("") : str_printf(" %s-updates", suite->name);
	CLEANUP(free)
	char *main = str_printf("Types: %s\nURIs: %s\nSuites: %s%s\n"
				"Components: %s\nSigned-By: " APT_KEYRING "\n",
		type, m->main, suite->name, updates, components);

	if (!m->security)
		return STEAL(main);
	return str_printf("%s\nTypes: %s\nURIs: %s\nSuites: %s-security\nComponents: %s\n"
			  "Signed-By: " APT_KEYRING "\n",
		main, type, m->security, suite->name, components);
}

static void carry_over(struct buf *b, const char *acquire)
{
	CLEANUP(strv) struct strv lines = {0};
	const char *line;

	strv_split(&lines, acquire, '\n');
	STRV_FOREACH (line, &lines)
		for (size_t i = 0; carried[i]; i++)
			if (str_after(line, carried[i]))
				buf_printf(b, "%s\n", line);
}

int apt_config_text(
	const char *dir, const char *arch, const char *acquire, char **ret, struct werr **err)
{
	CLEANUP(buf) struct buf b = BUF_INIT(1 << 20);

	/* apt's syntax cannot express these characters. */
	if (dir[strcspn(dir, "\"\\\n{};")])
		return werr_set(
			err, WERR_UNSUPPORTED, "apt can't work in a directory named %s", dir);
	buf_printf(&b,
		"Dir \"%s/\";\nDir::Etc \"%s/etc/\";\nDir::State \"%s/\";\n"
		"Dir::State::lists \"%s/lists/\";\nDir::State::status \"%s/status\";\n"
		"Dir::Cache \"%s/\";\nDir::Cache::archives \"%s/archives/\";\nDir::Log \"%s/\";\n",
		dir, dir, dir, dir, dir, dir, dir, dir);
	buf_printf(&b, "APT::Architecture \"%s\";\nAPT::Architectures { \"%s\"; };\n", arch, arch);
	/*
	 * Only the owner may be able to enter the directory, and apt's own user could not work
	 * there.
	 */
	buf_puts(&b, "APT::Sandbox::User \"root\";\nAPT::Install-Recommends \"false\";\n"
		     "APT::Get::Assume-Yes \"true\";\nAcquire::Languages \"none\";\n"
		     "Acquire::ForceHash \"SHA256\";\n");
	carry_over(&b, acquire);
	if (buf_error(&b) < 0)
		return werr_set(err, WERR_LIMIT, "this machine's apt configuration is too long");
	*ret = buf_steal(&b);
	return 0;
}
