/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/dockerfile.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

struct parser {
	const struct dockerfile_input *in;
	struct dockerfile_reader reader;
	struct dockerfile_line line;
	struct strv vars; /* what FROM may use: ARGs before the first FROM, and platforms */
	struct strv stages;
	struct dockerfile *to;
	bool in_stage;
	struct werr **err;
};

/* A word of the line, which is not NUL-terminated. */
struct word {
	size_t start, size;
};

/* ---- words ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Find the next word from *position on; blanks in quotes belong to it. */
static bool next_word(const struct parser *p, size_t *position, struct word *ret)
{
	const char *s = p->line.text;
	const size_t length = p->line.length;
	char quote = '\0';
	size_t i = *position;

	while (i < length && is_blank(s[i]))
		i++;
	ret->start = i;
	for (; i < length && (quote || !is_blank(s[i])); i++) {
		if (s[i] == p->reader.escape && i + 1 < length)
			i++;
		else if (quote ? s[i] == quote : s[i] == '"' || s[i] == '\'')
			quote = quote ? '\0' : s[i];
	}
	ret->size = i - ret->start;
	*position = i;
	return ret->size > 0;
}

static char *word_text(const struct parser *p, struct word w)
{
	return str_dup_n(p->line.text + w.start, w.size);
}

static bool word_is(const struct parser *p, struct word w, const char *text)
{
	return w.size == strlen(text) && strncasecmp(p->line.text + w.start, text, w.size) == 0;
}

/* Whether the word begins with the flag, which ends with "="; *ret is what follows. */
static bool flag_value(const struct parser *p, struct word w, const char *flag, struct word *ret)
{
	const size_t n = strlen(flag);

	if (w.size < n || memcmp(p->line.text + w.start, flag, n) != 0)
		return false;
	*ret = (struct word){w.start + n, w.size - n};
	return true;
}

static bool is_flag(const struct parser *p, struct word w)
{
	return w.size >= 2 && memcmp(p->line.text + w.start, "--", 2) == 0;
}

/* ---- errors and expansion ---- */

static int place(struct parser *p, int r)
{
	if (r < 0 && p->err && *p->err && !(*p->err)->file) {
		(*p->err)->file = str_dup(p->in->name);
		(*p->err)->line = p->line.number;
	}
	return r;
}

static int mistake(struct parser *p, const char *what)
{
	return werr_at(p->err, p->in->name, p->line.number, 0, "%s", what);
}

static int too_many(struct parser *p, const char *what, int max)
{
	return place(p, werr_set(p->err, WERR_LIMIT, "it has more than %d %s", max, what));
}

static int expand(struct parser *p, struct word w, char **ret)
{
	CLEANUP(free) char *text = word_text(p, w);

	return place(p, dockerfile_expand(text, p->reader.escape, &p->vars, ret, p->err));
}

/* ---- images ---- */

static bool is_stage(const struct parser *p, const char *name)
{
	const char *stage;

	STRV_FOREACH (stage, &p->stages)
		if (strcasecmp(stage, name) == 0)
			return true;
	return false;
}

static struct dockerfile_range range_of(const struct parser *p, struct word w)
{
	const size_t *at = p->line.at + w.start;

	return w.size ? (struct dockerfile_range){at[0], at[w.size - 1] - at[0] + 1}
		      : (struct dockerfile_range){0};
}

static int add_image(struct parser *p, const struct dockerfile_image *image)
{
	if (p->to->n == DOCKERFILE_IMAGES_MAX)
		return too_many(p, "images", DOCKERFILE_IMAGES_MAX);
	mem_grow(&p->to->images, p->to->n, &p->to->cap, sizeof(*p->to->images));
	p->to->images[p->to->n++] = (struct dockerfile_image){.name = str_dup(image->name),
		.platform = str_dup(image->platform),
		.at_platform = image->at_platform,
		.at = image->at,
		.line = p->line.number};
	return 0;
}

/* What COPY --from and RUN --mount=from name is used as it stands. */
static int add_from(struct parser *p, struct word w)
{
	CLEANUP(free) char *name = word_text(p, w);

	const bool is_number = name[strspn(name, "0123456789")] == '\0';

	/* A number is that of a stage. */
	if (is_number || strpbrk(name, "$\"'") || is_stage(p, name))
		return 0;
	return add_image(p, &(struct dockerfile_image){.name = name, .at = range_of(p, w)});
}

/* ---- instructions ---- */

static int read_from(struct parser *p, size_t at)
{
	CLEANUP(free) char *platform = NULL, *name = NULL;
	struct word w, value = {0}, as;
	struct dockerfile_image image = {0};
	int r = 0;

	p->in_stage = true;
	while (next_word(p, &at, &w) && is_flag(p, w)) {
		if (!flag_value(p, w, "--platform=", &value))
			continue;
		free(STEAL(platform));
		r = expand(p, value, &platform);
		if (r < 0)
			return r;
	}
	if (platform && *platform)
		image = (struct dockerfile_image){
			.platform = platform, .at_platform = range_of(p, value)};
	if (w.size == 0)
		return mistake(p, "FROM names no image");
	r = expand(p, w, &name);
	if (r < 0)
		return r;
	if (!*name)
		return mistake(p, "what FROM names is empty");
	image.name = name;
	image.at = range_of(p, w);
	if (!str_eq(name, "scratch") && !is_stage(p, name))
		r = add_image(p, &image);
	if (p->stages.n == DOCKERFILE_NAMES_MAX)
		return too_many(p, "stages", DOCKERFILE_NAMES_MAX);
	if (r == 0 && next_word(p, &at, &as) && word_is(p, as, "AS") && next_word(p, &at, &w))
		strv_take(&p->stages, word_text(p, w));
	return r;
}

/* An ARG before the first FROM: what the command line says, or else its own value. */
static int set_variable(struct parser *p, const char *name, bool has_value, struct word own)
{
	const char *given =
		p->in->args ? dockerfile_variable(p->in->args, name, strlen(name)) : NULL;
	CLEANUP(free) char *value = NULL;
	int r = !given && has_value ? expand(p, own, &value) : 0;

	if (r == 0 && (given || value))
		strv_addf(&p->vars, "%s=%s", name, given ? given : value);
	return r;
}

static int read_arg(struct parser *p, size_t at)
{
	struct word w;
	int r = 0;

	while (r == 0 && next_word(p, &at, &w)) {
		const char *s = p->line.text + w.start, *equals = memchr(s, '=', w.size);
		const size_t size = equals ? (size_t)(equals - s) : w.size;
		CLEANUP(free) char *name = str_dup_n(s, size);

		if (p->vars.n + p->to->args.n >= DOCKERFILE_NAMES_MAX)
			return too_many(p, "arguments", DOCKERFILE_NAMES_MAX);
		if (!strv_has(&p->to->args, name))
			strv_add(&p->to->args, name);
		if (!p->in_stage)
			r = set_variable(p, name, equals != NULL,
				(struct word){w.start + size + 1, equals ? w.size - size - 1 : 0});
	}
	return r;
}

static int read_copy(struct parser *p, size_t at)
{
	struct word w, value;
	int r = 0;

	while (r == 0 && next_word(p, &at, &w) && is_flag(p, w))
		if (flag_value(p, w, "--from=", &value) && value.size > 0)
			r = add_from(p, value);
	return r;
}

/* --mount=type=bind,from=IMAGE,... */
static int read_mount(struct parser *p, struct word mount)
{
	const size_t end = mount.start + mount.size;
	struct word value;
	int r = 0;

	for (size_t i = mount.start; r == 0 && i < end;) {
		const char *s = p->line.text + i, *comma = memchr(s, ',', end - i);
		const struct word part = {i, comma ? (size_t)(comma - s) : end - i};

		if (flag_value(p, part, "from=", &value) && value.size > 0)
			r = add_from(p, value);
		i += part.size + 1;
	}
	return r;
}

static int read_run(struct parser *p, size_t at)
{
	struct word w, value;
	int r = 0;

	while (r == 0 && next_word(p, &at, &w) && is_flag(p, w))
		if (flag_value(p, w, "--mount=", &value))
			r = read_mount(p, value);
	return r;
}

/* ---- here-documents ---- */

/* "<<EOF", "3<<-'EOF'": *ret is the word that ends it, owned by the caller. */
static bool begins_document(const struct parser *p, struct word w, char **ret, bool *tabs)
{
	CLEANUP(free) char *text = word_text(p, w), *end = NULL;
	const char *s = text + strspn(text, "0123456789");
	static const struct strv none = {0};

	if (strncmp(s, "<<", 2) != 0 || s[2] == '<')
		return false;
	*tabs = s[2] == '-';
	if (dockerfile_expand(s + 2 + *tabs, p->reader.escape, &none, &end, NULL) < 0 || !*end)
		return false;
	*ret = STEAL(end);
	return true;
}

static int skip_documents(struct parser *p, size_t at)
{
	struct word w;
	bool tabs;

	while (next_word(p, &at, &w)) {
		CLEANUP(free) char *end = NULL;

		if (begins_document(p, w, &end, &tabs) &&
			!dockerfile_skip_document(&p->reader, end, tabs))
			return mistake(p, "a here-document does not end");
	}
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct parser *p, size_t at); /* at: what follows the name */
	bool documents;
} instructions[] = {
	{"FROM", read_from, false},
	{"ARG", read_arg, false},
	{"COPY", read_copy, true},
	{"ADD", read_copy, true},
	{"RUN", read_run, true},
};

static int read_instruction(struct parser *p)
{
	size_t at = 0;
	struct word w;
	int r = 0;

	if (!next_word(p, &at, &w))
		return 0;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(instructions); i++) {
		if (!word_is(p, w, instructions[i].name))
			continue;
		r = instructions[i].read(p, at);
		if (r == 0 && instructions[i].documents)
			r = skip_documents(p, at);
	}
	return r;
}

/* ---- the file ---- */

static void add_platform(struct strv *vars, const char *prefix, const struct platform *platform)
{
	char text[PLATFORM_TEXT_MAX];

	strv_addf(vars, "%sPLATFORM=%s", prefix, platform_text(platform, text));
	strv_addf(vars, "%sOS=%s", prefix, platform->os);
	strv_addf(vars, "%sARCH=%s", prefix, platform->arch);
	strv_addf(vars, "%sVARIANT=%s", prefix, platform->variant);
}

int dockerfile_parse(const struct dockerfile_input *in, struct dockerfile *ret, struct werr **err)
{
	struct dockerfile to = {0};
	struct parser p = {.in = in, .to = &to, .err = err};
	int r = 0;

	if (in->size > DOCKERFILE_SIZE_MAX)
		return werr_set(err, WERR_LIMIT, "%s is larger than %d bytes", in->name,
			DOCKERFILE_SIZE_MAX);
	add_platform(&p.vars, "TARGET", in->target);
	add_platform(&p.vars, "BUILD", in->host);
	dockerfile_reader_init(&p.reader, in->text, in->size);
	while (r == 0 && dockerfile_read_line(&p.reader, &p.line))
		r = read_instruction(&p);
	if (r == 0 && !p.in_stage)
		r = werr_at(err, in->name, 0, 0, "it has no FROM");
	dockerfile_line_cleanup(&p.line);
	strv_clear(&p.vars);
	strv_clear(&p.stages);
	if (r < 0)
		dockerfile_cleanup(&to);
	else
		*ret = to;
	return r;
}

void dockerfile_cleanup(struct dockerfile *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->images[i].name);
		free(d->images[i].platform);
	}
	free(d->images);
	strv_clear(&d->args);
	*d = (struct dockerfile){0};
}
