/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/other-words.h"

#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"

#define ON_THE_MACHINE "containers run on the machine that was built; there: "

/* Docker's, where the verb here has another name or is on another machine. */
static const struct {
	const char *word, *hint;
} words[] = {
	{"attach", ON_THE_MACHINE "service logs -f NAME"},
	{"commit", "an image is not changed by running it; `wherry help pkg build` makes one"},
	{"compose", "services are in the YAML file: `wherry build FILE`, then `wherry run NAME`"},
	{"container", ON_THE_MACHINE "service list; `service` alone shows the rest"},
	{"cp", "Docker's `cp` is, for a file of an image: wherry cat IMAGE PATH"},
	{"create", "containers are entries of the YAML file: see `wherry help build`"},
	{"df", "Docker's `system df` is: wherry cache du"},
	{"exec", ON_THE_MACHINE "service exec NAME COMMAND"},
	{"history", "the layers of an image are shown by: wherry inspect IMAGE"},
	{"image", "images are in the cache; `wherry help cache` lists what can be done to them"},
	{"images", "Docker's `images` is: wherry cache ls"},
	{"kill", ON_THE_MACHINE "service stop NAME"},
	{"load", "Docker's `load` is: wherry cache import FILE"},
	{"logs", ON_THE_MACHINE "service logs NAME"},
	{"manifest", "the platforms of an image are shown by: wherry inspect IMAGE"},
	{"network", "networks are in the YAML file: the key `net` of an entry"},
	{"prune", "Docker's `system prune` is: wherry cache gc"},
	{"ps", ON_THE_MACHINE "service list"},
	{"restart", ON_THE_MACHINE "service restart NAME"},
	{"rmi", "Docker's `rmi` is: wherry cache rm IMAGE"},
	{"save", "Docker's `save` is: wherry cache export --format docker IMAGE"},
	{"search", "components that came with wherry are listed by: wherry pkg ls WORD"},
	{"start", ON_THE_MACHINE "service start NAME"},
	{"stats", ON_THE_MACHINE "service top"},
	{"stop", ON_THE_MACHINE "service stop NAME"},
	{"system", "`wherry help cache` lists the verbs about disk space"},
	{"top", ON_THE_MACHINE "service top"},
	{"up", "services are in the YAML file: `wherry build FILE`, then `wherry run NAME`"},
	{"volume", "volumes are in the YAML file: the key `volumes`"},
};

const char *other_words_hint(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(words[i].word, name))
			return words[i].hint;
	return NULL;
}
