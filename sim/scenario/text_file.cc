// A folder, a stream.
#include "sim/scenario/text_file.h"

#include <errno.h>

#include <fstream>
#include <system_error>

namespace penstock {

Status make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail("make folder " + folder.string(), error.value());
  return {};
}

Status write_text(const std::filesystem::path& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return fail("write " + file.string(), errno);
  return {};
}

}  // namespace penstock
