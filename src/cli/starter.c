/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/starter.h"

#include "base/mem.h"

enum {
	PRIVILEGED_PORTS = 1024, /* below, an ordinary user cannot listen */
	PORT_SHIFT = 8000,       /* added to these: 80 becomes 8080, as everybody expects */
	PORT_MAX = 65535,
};

/* Made from starters/ by tools/embed. */
extern const char appliance_text[], docker_text[], docker_image_text[], minimal_text[],
	nginx_text[];

static const struct starter starters[] = {
	{"minimal", minimal_text, 0, false, "", ""},
	{"nginx", nginx_text, 80, false, "", ""},
	{"docker", docker_text, 8080, false, "--format kernel+squashfs ",
		"--disk docker.qcow2,size=8G,format=qcow2 "},
	{"docker-image", docker_image_text, 0, true, "", ""},
	{"appliance", appliance_text, 80, false, "", ""},
};

const struct starter *starter_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(starters); i++)
		if (str_eq(starters[i].name, name))
			return &starters[i];
	return NULL;
}

const char *const *starter_names(void)
{
	static const char *names[ARRAY_SIZE(starters) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(starters); i++)
		names[i] = starters[i].name;
	return names;
}

/* ---- what the image says ---- */

/* The number of "80" or "80/tcp"; 0 for UDP, and for what is no port. */
static unsigned tcp_port(const char *exposed)
{
	CLEANUP(strv) struct strv parts = {0};
	uint64_t port;

	strv_split(&parts, exposed, '/');
	if (parts.n > 2 || (parts.n == 2 && !str_eq(parts.items[1], "tcp")))
		return 0;
	return str_to_u64(parts.items[0], 10, &port) == 0 && port <= PORT_MAX ? (unsigned)port : 0;
}

char *starter_publish(const struct starter *s, const struct image_config *config)
{
	unsigned port = s->port;

	for (size_t i = 0; config && i < config->exposed_ports.n && !port; i++)
		port = tcp_port(config->exposed_ports.items[i]);
	if (!port)
		return str_dup("");
	return str_printf(
		"--publish %u:%u ", port < PRIVILEGED_PORTS ? port + PORT_SHIFT : port, port);
}

/* Whether it is a path that can be written into YAML and into a bind as it is. */
static bool is_plain_path(const char *path)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";

	return path[0] == '/' && path[1] && strspn(path, allowed) == strlen(path) &&
	       !strstr(path, "..");
}

static void find_volumes(struct strv *ret, const struct image_config *config)
{
	for (size_t i = 0; i < config->volumes.n; i++)
		if (is_plain_path(config->volumes.items[i]))
			strv_add(ret, config->volumes.items[i]);
}

/* Where on the disk a volume is: each has a directory of its own. */
static void add_directory(
	struct buf *out, const struct starter_values *v, const struct strv *volumes, size_t i)
{
	buf_printf(out, "/var/lib/%s%s", v->service, volumes->n > 1 ? volumes->items[i] : "");
}

/* How to keep what the image keeps in its volumes, as comments of the entry. */
static void add_volumes(struct buf *out, const struct starter_values *v)
{
	CLEANUP(strv) struct strv volumes = {0};

	find_volumes(&volumes, v->config);
	if (volumes.n == 0)
		return;
	buf_puts(out, "    # The image keeps its data below these paths: in memory here, and gone\n"
		      "    # when the machine ends. To keep it, mount a disk at /var, as\n"
		      "    # `wherry new --from appliance` does, and add:\n"
		      "    #   runtime:\n"
		      "    #     mkdir:\n");
	for (size_t i = 0; i < volumes.n; i++) {
		buf_puts(out, "    #       - ");
		add_directory(out, v, &volumes, i);
		buf_putc(out, '\n');
	}
	buf_puts(out, "    #   binds:\n");
	for (size_t i = 0; i < volumes.n; i++) {
		buf_puts(out, "    #     - ");
		add_directory(out, v, &volumes, i);
		buf_printf(out, ":%s\n", volumes.items[i]);
	}
}

/* ---- the places ---- */

static void add_name(struct buf *out, const struct starter_values *v)
{
	buf_puts(out, v->name);
}

static void add_file(struct buf *out, const struct starter_values *v)
{
	buf_puts(out, v->file);
}

static void add_image(struct buf *out, const struct starter_values *v)
{
	buf_puts(out, v->image);
}

static void add_service(struct buf *out, const struct starter_values *v)
{
	buf_puts(out, v->service);
}

static void add_publish(struct buf *out, const struct starter_values *v)
{
	CLEANUP(free) char *text = starter_publish(v->starter, v->config);

	buf_puts(out, text);
}

static void add_build(struct buf *out, const struct starter_values *v)
{
	buf_puts(out, v->starter->build);
}

static void add_run(struct buf *out, const struct starter_values *v)
{
	buf_puts(out, v->starter->run);
}

static const struct place {
	const char *name;
	void (*add)(struct buf *out, const struct starter_values *v);
} places[] = {
	{"@NAME@", add_name},
	{"@FILE@", add_file},
	{"@IMAGE@", add_image},
	{"@SERVICE@", add_service},
	{"@PUBLISH@", add_publish},
	{"@BUILD@", add_build},
	{"@RUN@", add_run},
	{"@VOLUMES@\n", add_volumes},
};

static const struct place *place_at(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (str_after(text, places[i].name))
			return &places[i];
	return NULL;
}

void starter_write(struct buf *out, const struct starter_values *v)
{
	const char *text = v->starter->text;

	while (*text) {
		const struct place *place = place_at(text);

		if (place) {
			place->add(out, v);
			text += strlen(place->name);
		} else {
			buf_putc(out, *text++);
		}
	}
}
