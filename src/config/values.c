/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of single values and of maps whose keys depend on each other. */
#include "config/values.h"

#include "base/mem.h"
#include "base/path.h"
#include "contract/wherry.h"
#include "oci/platform.h"
#include "oci/reference.h"

bool value_parse_mode(const char *text, uint32_t *ret)
{
	const char *digits = text + (text[0] == '+');
	uint64_t mode;

	if (str_to_u64(digits, 8, &mode) < 0 || mode > 07777)
		return false;
	*ret = (uint32_t)mode;
	return true;
}

static void check_mode(struct checker *c, const struct node *n)
{
	uint32_t mode;

	if (n->size == 0)
		return;
	if (!value_parse_mode(n->text, &mode)) {
		checker_add(c, n, "'%.80s' is not a mode", n->text);
		checker_hint(c, "write octal digits, at most 7777, such as \"0644\"");
	} else if ((mode >> 3 | mode) & ~(mode >> 6) & 07) {
		/* 420 is 0644 as a decimal number. */
		checker_warn(
			c, n, "the mode '%.80s' lets others do what the owner may not", n->text);
		checker_hint(c,
			"modes are octal: \"0644\" is read and write for the owner, read for all");
	}
}

const struct form form_mode = {.check = check_mode, .pattern = "^\\+?[0-7]*$"};

static void check_env(struct checker *c, const struct node *n)
{
	const char *equals = strchr(n->text, '=');

	if (equals && equals != n->text)
		return;
	checker_warn(c, n, "%s: '%.80s' does not set a variable", buf_str(&c->where), n->text);
	checker_hint(c, "write NAME=value");
}

const struct form form_env = {.check = check_env};

static void check_oom_score(struct checker *c, const struct node *n)
{
	int64_t score;

	if (node_to_i64(n, &score) && (score < -1000 || score > 1000))
		checker_warn(c, n, "%s: the kernel takes -1000 to 1000, not %.40s",
			buf_str(&c->where), n->text);
}

const struct form form_oom_score = {.check = check_oom_score};

static void check_image(struct checker *c, const struct node *n)
{
	struct reference reference = {0};
	struct werr *err = NULL;

	if (str_after(n->text, "@pkg:")) { /* it was not resolved, which has been reported */
		if (c->compat)
			checker_add(c, n, "'%.80s' is not the name of an image", n->text);
		return;
	}
	if (reference_parse(n->text, &reference, &err) == 0) {
		reference_cleanup(&reference);
		return;
	}
	checker_take(c, n, err);
	if (!c->compat && strstr(n->text, "${"))
		checker_hint(c, "variables are replaced when one is set: by --set NAME=value, "
				"--env-file, or the key variables");
}

const struct form form_image = {.check = check_image};

static void check_image_or_none(struct checker *c, const struct node *n)
{
	if (n->size > 0)
		check_image(c, n);
}

const struct form form_image_or_none = {.check = check_image_or_none};

static void check_inside(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *inside = path_inside(n->text);

	if (!inside)
		checker_add(c, n, "the path '%.80s' leaves the root, or is too long", n->text);
	else if (!*inside)
		checker_add(c, n, "the path '%.80s' is the root itself", n->text);
}

const struct form form_inside = {.check = check_inside};

/* A name becomes a directory, and may have directories in it. */
static void check_name(struct checker *c, const struct node *n)
{
	CLEANUP(free) char *inside = path_inside(n->text);

	if (!inside || !*inside || (!c->compat && !str_eq(inside, n->text))) {
		checker_add(c, n, "the name '%.80s' can't be used for a directory", n->text);
		checker_hint(c, "a name has no '..', and no '/' at its ends");
	} else if (str_eq(inside, OWN_NAME)) {
		checker_add(c, n, "the name '" OWN_NAME "' is that of the supervisor's own log");
		checker_hint(c, "give the entry another name");
	}
}

const struct form form_name = {.check = check_name};

/* "none" means something for net only; LinuxKit takes it for a path elsewhere, and so do we. */
static void check_namespace(struct checker *c, const struct node *n)
{
	static const char *const words[] = {"host", "new", "root", "none", NULL};
	CLEANUP(free) char *suggestion = NULL;

	if (n->text[0] == '/' || n->size == 0 || c->compat)
		return;
	for (const char *const *w = words; *w; w++)
		if (str_eq(*w, n->text))
			return;
	suggestion = check_suggestion(n->text, words);
	checker_add(
		c, n, "%s: unknown namespace '%.80s'%s", buf_str(&c->where), n->text, suggestion);
	checker_hint(c, "use host, new, or an absolute path");
}

static const char *namespace_word(size_t i)
{
	static const char *const words[] = {"host", "new", "none", NULL};

	return words[i];
}

const struct form form_namespace = {
	.check = check_namespace, .pattern = "^(root|/.*)?$", .word = namespace_word};

static void check_platform(struct checker *c, const struct node *n)
{
	struct platform p;
	struct werr *err = NULL;

	if (platform_parse(n->text, &p, &err) < 0)
		checker_take(c, n, err);
}

const struct form form_platform = {.check = check_platform};

/* ---- variables ---- */

size_t variable_name_length(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	return *text >= '0' && *text <= '9' ? 0 : strspn(text, letters);
}

bool variable_name_valid(const char *name)
{
	size_t n = variable_name_length(name);

	return n > 0 && !name[n];
}

static void check_variables(struct checker *c, const struct node *n)
{
	for (size_t i = 0; i < n->n; i++) {
		if (variable_name_valid(n->keys[i]->text))
			continue;
		checker_add(
			c, n->keys[i], "'%.80s' is not a valid variable name", n->keys[i]->text);
		checker_hint(c, "use letters, digits and '_', with no digit first");
	}
}

const struct form form_variables = {.check = check_variables};
