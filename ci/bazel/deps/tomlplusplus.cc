// toml++'s own source, which its headers hold behind this macro. Why it is compiled in: docs/building.md.
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
