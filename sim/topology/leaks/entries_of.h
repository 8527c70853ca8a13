// The entries of a folder. What goes while one looks (interfaces' settings, processes) is left out, and a
// folder that cannot be read has none.
//
// Thread safety: pure but for the file system.
#pragma once

#include <filesystem>
#include <system_error>
#include <vector>

namespace penstock {

inline std::vector<std::filesystem::directory_entry> entries_of(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  for (fs::directory_iterator it(folder, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    entries.push_back(*it);
  }
  return entries;
}

}  // namespace penstock
