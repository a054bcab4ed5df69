/* Measures the lower bound of loading specs: parses the files to events of libyaml, and drops the
 * events. */

#include <stdio.h>
#include <yaml.h>

static int scan(FILE *file)
{
        yaml_parser_t parser;
        int end = 0, r = 0;

        if (!yaml_parser_initialize(&parser))
                return -1;
        yaml_parser_set_input_file(&parser, file);
        while (!end && r == 0) {
                yaml_event_t event;

                if (!yaml_parser_parse(&parser, &event)) {
                        r = -1;
                        break;
                }
                end = event.type == YAML_STREAM_END_EVENT;
                yaml_event_delete(&event);
        }
        yaml_parser_delete(&parser);
        return r;
}

int main(int argc, char **argv)
{
        for (int i = 1; i < argc; i++) {
                FILE *file = fopen(argv[i], "rb");

                if (!file || scan(file) < 0)
                        return 1;
                (void)fclose(file); /* ignores failures: the file was only read */
        }
        return 0;
}
