/* write.c - the rows of options.c as text for people: penstock.conf with every default, and the manual's list in mdoc. */
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/options.h"
#include "conf/value.h"

#define COMMENT_COLUMNS 98
#define DESCRIPTION_MAX 1024

static const char preamble[] =
	"The configuration of penstockd; penstock.conf(5) tells more.\n"
	"Each key is shown with its default: to change one, take away the # before it.\n"
	"Whether a changed file is right is said by: penstockd --check --config FILE\n"
	"The running daemon reads it again on SIGHUP (systemctl reload penstockd).";

/* All that is to be said of a key, in sentences, one a line. */
static void describe(const struct option *option, char text[static DESCRIPTION_MAX])
{
	int n = snprintf(text, DESCRIPTION_MAX, "%s", option->manual);

	if (option->min)
		n += snprintf(
			text + n, DESCRIPTION_MAX - (size_t)n, "\nFrom %s to %s.", option->min, option->max);
	if (option->words && strchr(option->words, ' '))
		n += snprintf(text + n, DESCRIPTION_MAX - (size_t)n, "\nOne of: %s.", option->words);
	if (!option->value && !option->required)
		n += snprintf(text + n, DESCRIPTION_MAX - (size_t)n, "\nThere is no default.");
	if (option->required)
		n += snprintf(text + n, DESCRIPTION_MAX - (size_t)n, "\nIt must be set.");
	if (option->restart)
		snprintf(text + n, DESCRIPTION_MAX - (size_t)n, "\nA change takes a restart.");
}

/* Write a text as a comment, broken between words; each line begins with `prefix`. */
static void write_comment(FILE *to, const char *prefix, const char *text)
{
	size_t column = 0;

	for (size_t n; *text; text += n + strspn(text + n, " \n")) {
		n = strcspn(text, " \n");
		if (column > 0 && column + 1 + n > COMMENT_COLUMNS) {
			fputc('\n', to);
			column = 0;
		}
		fprintf(to, "%s%.*s", column > 0 ? " " : prefix, (int)n, text);
		column += n + (column > 0 ? 1 : strlen(prefix));
	}
	fputc('\n', to);
}

/* `mark` begins what can be taken in by taking it away; with a blank after it, what names files that are not there. */
static void write_setting(FILE *to, const char *mark, const char *indent, const struct option *option)
{
	const char *value = option->value ? option->value : option->example;
	const char *quote = option->kind == OPTION_TEXT ? "\"" : "";

	fprintf(to, "%s%s%s = %s%s%s\n", mark, indent, option->name, quote, value, quote);
}

static void write_options(FILE *to, const struct section *section, bool explain)
{
	const char *indent = section->name ? "\t" : "";
	const char *prefix = section->name ? "#\t# " : "# ";
	char text[DESCRIPTION_MAX];

	for (size_t i = 0; i < section->n_options; i++) {
		if (section->options[i].heading)
			fprintf(to, "\n# --- %s ---\n", section->options[i].heading);
		describe(&section->options[i], text);
		if (!section->name)
			fputc('\n', to);
		if (explain)
			write_comment(to, prefix, text);
		write_setting(to, section->absent || section->options[i].absent ? "# " : "#", indent,
			&section->options[i]);
	}
}

/* Whether the section before has the same keys, so that they need not be explained again. */
static bool explained(size_t id)
{
	return id > 0 && conf_sections[id].options == conf_sections[id - 1].options;
}

static void write_section(FILE *to, size_t id)
{
	const struct section *section = &conf_sections[id];
	const char *mark = section->absent ? "# " : "#";

	fputc('\n', to);
	write_comment(to, "# ", section->manual);
	if (section->title)
		fprintf(to, "%s%s \"%s\" {\n", mark, section->name, section->title);
	else
		fprintf(to, "%s%s {\n", mark, section->name);
	write_options(to, section, !explained(id));
	fprintf(to, "%s}\n", mark);
}

void conf_write_defaults(FILE *to)
{
	for (const char *line = preamble, *end; line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		fprintf(to, "# %.*s\n", end ? (int)(end - line) : (int)strlen(line), line);
	}
	write_options(to, &conf_sections[SECTION_TOP], true);
	fprintf(to, "\n# --- Tenants, commands and keys ---\n");
	for (size_t id = SECTION_TOP + 1; id < SECTIONS; id++)
		write_section(to, id);
}

static void write_item(FILE *to, const struct option *option)
{
	char text[DESCRIPTION_MAX];

	describe(option, text);
	fprintf(to, ".It Cm %s No = Ar %s\n%s\n", option->name, value_kind_name(option->kind), text);
	if (option->value)
		fprintf(to, "The default is %s.\n", option->value);
}

static void write_items(FILE *to, const struct section *section)
{
	for (size_t i = 0; i < section->n_options; i++) {
		const char *heading = section->options[i].heading;

		if (heading)
			fprintf(to, "%s.Ss %s\n", i > 0 ? ".El\n" : "", heading);
		if (i == 0 || heading)
			fprintf(to, ".Bl -tag -width Ds\n");
		write_item(to, &section->options[i]);
	}
	fprintf(to, ".El\n");
}

void conf_write_manual(FILE *to)
{
	write_items(to, &conf_sections[SECTION_TOP]);
	for (size_t id = SECTION_TOP + 1; id < SECTIONS; id++) {
		const struct section *section = &conf_sections[id];

		fprintf(to, ".Ss Section %s%s\n%s\n", section->name, section->title ? " \\(dqNAME\\(dq" : "",
			section->manual);
		if (!explained(id))
			write_items(to, section);
	}
}
