// Reads TOML files into structs, strictly: every key must be known, of the right type and in range.
//
//   Result<TomlDocument> document = TomlDocument::read(path);
//   TomlReader root = document->root();
//   config.name = root.string("name");
//   TomlReader net = root.table("net");
//   config.queues = net.integer("queues", 1, 64, 1);      // key, least, most, default
//   if (Status s = document->finish(); !s) return ...;
//
// Getters return the value, or the default, or an empty value when something is wrong, and note the
// error; finish() reports them all, one a line, each as file:line:column with the nearest valid name
// for a key that nobody asked for. So readers are straight-line code, and a user sees every mistake
// of a file at once.
//
// Thread safety: none. Readers borrow from the document and must not outlive it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace penstock {

class TomlReader;

// One key that a table of lists gives several values for (TomlDocument::axes).
struct TomlAxis {
  std::string key;                  // "demand.queues"
  std::vector<std::string> values;  // each as a word: "2", "mainnet-1x", "kernel_filter+udp"
};

class TomlDocument {
 public:
  // Errors: unreadable file, or not TOML (with line and column).
  static Result<TomlDocument> read(const std::filesystem::path& path);
  // The same from memory; `name` stands for the file in messages.
  static Result<TomlDocument> parse(std::string_view text, std::string name);

  // The same file as it was when it was read, with nothing asked or chosen yet.
  TomlDocument again() const;

  TomlDocument(TomlDocument&&) noexcept;
  TomlDocument& operator=(TomlDocument&&) noexcept;
  ~TomlDocument();

  // The table `name` gives, for keys of this file by the same path, lists of values to choose from:
  //
  //   [matrix]
  //   demand.queues = [1, 4]
  //   paths.run = [["kernel_filter"], ["userspace_filter", "udp"]]
  //
  // Notes as errors: what is no list, an empty list, and a key that the file has a value for as well.
  // Empty when there is no such table. In the order of the file.
  std::vector<TomlAxis> axes(std::string_view name);
  // From here on the file reads as if it had no table `name`, and element chosen[i] of axis i in the place of
  // that axis's key; errors about it name the element's own place. Call once, before root().
  // REQUIRES: axes(name) noted no error, and `chosen` has an element of each of its axes.
  void choose(std::string_view name, std::span<const std::size_t> chosen);

  TomlReader root();
  // All that was wrong, in the order of the file. Call once, after everything has been read.
  Status finish();
  // Every key that a reader asked for so far, once, as "table.key", and no table: what a manual must list.
  std::vector<std::string> known_keys() const;

 private:
  friend class TomlReader;
  struct State;

  explicit TomlDocument(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// One table of the document.
class TomlReader {
 public:
  // Required keys: their absence is an error at the table's position.
  std::string string(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most);
  std::vector<std::string> strings(std::string_view key);

  // Optional keys.
  std::string string(std::string_view key, std::string_view fallback);
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t fallback);
  bool boolean(std::string_view key, bool fallback);
  std::vector<std::string> strings(std::string_view key, std::vector<std::string> fallback);

  // Every element is held to the range.
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t least, std::int64_t most,
                                     std::vector<std::int64_t> fallback);
  // The place in `names` of a string that must be one of them.
  std::size_t choice(std::string_view key, std::span<const std::string_view> names, std::size_t fallback);

  // A sub-table; one that is not there reads as empty.
  TomlReader table(std::string_view key);
  // The elements of an array of tables ([[key]]), in order.
  std::vector<TomlReader> tables(std::string_view key);
  bool has(std::string_view key) const;
  std::vector<std::string> keys() const;  // that the file has
  // Where the value of `key` stands, or the table when it is not there: "file:line:column", for whoever finds
  // later that it cannot be had.
  std::string place(std::string_view key) const;

  // Notes an error of the caller's own at the value of `key`, or at the table when it is not there.
  void reject(std::string_view key, std::string text);

 private:
  friend class TomlDocument;
  struct Node;

  TomlReader(TomlDocument::State* state, std::size_t node) : state_(state), node_(node) {}
  template <typename T>
  std::optional<T> value(std::string_view key, const char* type_name);
  template <typename T>
  std::vector<T> list(std::string_view key, std::vector<T> fallback, const char* of_what);
  void missing(std::string_view key);

  TomlDocument::State* state_;
  std::size_t node_;  // which table of the state
};

}  // namespace penstock
