// Strict reading on top of toml++.
#include "engine/config/toml_reader.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/nearest_name.h"
#include "engine/config/toml_state.h"

namespace penstock {
void TomlDocument::State::complain_about_unknown_keys() {
  for (const auto& node : nodes) {
    if (node->table == nullptr) continue;
    const std::vector<std::string> known(node->asked.begin(), node->asked.end());
    for (const auto& [key, value] : *node->table) {
      if (node->asked.contains(key.str())) continue;
      std::string text = fmt::format("unknown key '{}'{}", key.str(),
                                     node->path.empty() ? "" : fmt::format(" in [{}]", node->path));
      text += "; " + suggest_name(key.str(), known);
      // A key that choose() put there has no place of its own, its value has.
      const toml::source_position at = key.source().begin;
      complaints.push_back({at.line != 0 ? at : value.source().begin, std::move(text)});
    }
  }
}

TomlDocument::TomlDocument(std::unique_ptr<State> state) : state_(std::move(state)) {}
TomlDocument::TomlDocument(TomlDocument&&) noexcept = default;
TomlDocument& TomlDocument::operator=(TomlDocument&&) noexcept = default;
TomlDocument::~TomlDocument() = default;

Result<TomlDocument> TomlDocument::parse(std::string_view text, std::string name) {
  auto state = std::make_unique<State>();
  try {
    state->root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    const toml::source_position at = error.source().begin;
    return fail(fmt::format("{}:{}:{}: {}", name, at.line, at.column, error.description()));
  }
  state->name = std::move(name);
  state->text = text;
  return TomlDocument(std::move(state));
}

Result<TomlDocument> TomlDocument::read(const std::filesystem::path& path) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return fail("read " + path.string(), errno);
  std::string text;
  char block[16384];
  for (std::size_t n = std::fread(block, 1, sizeof(block), file); n > 0;
       n = std::fread(block, 1, sizeof(block), file))
    text.append(block, n);
  const bool failed = std::ferror(file) != 0;
  const int code = errno;
  std::fclose(file);
  if (failed) return fail("read " + path.string(), code);
  return parse(text, path.string());
}

TomlDocument TomlDocument::again() const {
  Result<TomlDocument> document = parse(state_->text, state_->name);
  PENSTOCK_CHECK(document.has_value());  // it has been parsed before
  return std::move(*document);
}

std::vector<std::string> TomlDocument::known_keys() const {
  std::vector<std::string> keys;
  for (const auto& node : state_->nodes) {
    for (const std::string& key : node->asked) {
      std::string full = node->path.empty() ? key : node->path + "." + key;
      if (std::find(keys.begin(), keys.end(), full) == keys.end()) keys.push_back(std::move(full));
    }
  }
  const auto is_table = [all = keys](const std::string& key) {
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& other) { return other.starts_with(key + "."); });
  };
  keys.erase(std::remove_if(keys.begin(), keys.end(), is_table), keys.end());
  return keys;
}

TomlReader TomlDocument::root() {
  return {state_.get(), state_->add_node(&state_->root, "", {1, 1})};
}

Status TomlDocument::finish() {
  state_->complain_about_unknown_keys();
  if (state_->complaints.empty()) return {};
  std::stable_sort(state_->complaints.begin(), state_->complaints.end(),
                   [](const State::Complaint& a, const State::Complaint& b) {
                     return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
                   });
  std::string text;
  for (const State::Complaint& complaint : state_->complaints) {
    if (!text.empty()) text += '\n';
    text += fmt::format("{}:{}:{}: {}", state_->name, complaint.at.line, complaint.at.column, complaint.text);
  }
  return fail(std::move(text));
}

bool TomlReader::has(std::string_view key) const {
  const Node& node = *state_->nodes[node_];
  return node.table != nullptr && node.table->contains(key);
}

void TomlReader::reject(std::string_view key, std::string text) {
  state_->complaints.push_back({state_->position_of(node_, key), std::move(text)});
}

std::vector<std::string> TomlReader::keys() const {
  std::vector<std::string> keys;
  if (const toml::table* table = state_->nodes[node_]->table; table != nullptr) {
    for (const auto& [key, value] : *table)
      keys.emplace_back(key.str());
  }
  return keys;
}

std::string TomlReader::place(std::string_view key) const {
  const toml::source_position at = state_->position_of(node_, key);
  return fmt::format("{}:{}:{}", state_->name, at.line, at.column);
}

void TomlReader::missing(std::string_view key) {
  const Node& node = *state_->nodes[node_];
  reject(key, node.path.empty() ? fmt::format("'{}' is missing", key)
                                : fmt::format("'{}' is missing in [{}]", key, node.path));
}

template <typename T>
std::optional<T> TomlReader::value(std::string_view key, const char* type_name) {
  Node& node = *state_->nodes[node_];
  node.asked.emplace(key);
  if (!has(key)) return std::nullopt;
  std::optional<T> found = node.table->get(key)->template value_exact<T>();
  if (!found) reject(key, fmt::format("'{}' must be {}", key, type_name));
  return found;
}

std::string TomlReader::string(std::string_view key, std::string_view fallback) {
  return value<std::string>(key, "a string").value_or(std::string(fallback));
}

std::string TomlReader::string(std::string_view key) {
  if (!has(key)) missing(key);
  return string(key, "");
}

std::int64_t TomlReader::integer(std::string_view key, std::int64_t least, std::int64_t most,
                                 std::int64_t fallback) {
  const std::optional<std::int64_t> found = value<std::int64_t>(key, "an integer");
  if (found && (*found < least || *found > most))
    reject(key, fmt::format("'{}' is {}, must be {} to {}", key, *found, least, most));
  return found.value_or(fallback);
}

std::int64_t TomlReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  if (!has(key)) missing(key);
  return integer(key, least, most, least);
}

bool TomlReader::boolean(std::string_view key, bool fallback) {
  return value<bool>(key, "true or false").value_or(fallback);
}

template <typename T>
std::vector<T> TomlReader::list(std::string_view key, std::vector<T> fallback, const char* of_what) {
  Node& node = *state_->nodes[node_];
  node.asked.emplace(key);
  if (!has(key)) return fallback;
  const toml::array* array = node.table->get(key)->as_array();
  std::vector<T> found;
  if (array != nullptr) {
    for (const toml::node& element : *array) {
      if (const auto one = element.value_exact<T>()) found.push_back(*one);
    }
  }
  if (array == nullptr || found.size() != array->size())
    reject(key, fmt::format("'{}' must be a list of {}", key, of_what));
  return found;
}

std::vector<std::string> TomlReader::strings(std::string_view key, std::vector<std::string> fallback) {
  return list<std::string>(key, std::move(fallback), "strings");
}

std::vector<std::int64_t> TomlReader::integers(std::string_view key, std::int64_t least, std::int64_t most,
                                               std::vector<std::int64_t> fallback) {
  std::vector<std::int64_t> found = list<std::int64_t>(key, std::move(fallback), "integers");
  for (const std::int64_t number : found) {
    if (number < least || number > most)
      reject(key, fmt::format("'{}' has {}, must be {} to {}", key, number, least, most));
  }
  return found;
}

std::size_t TomlReader::choice(std::string_view key, std::span<const std::string_view> names,
                               std::size_t fallback) {
  const std::string name = string(key, names[fallback]);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  // A value of another type is complained about already, and reads as the fallback.
  const std::vector<std::string> valid(names.begin(), names.end());
  reject(key, fmt::format("'{}' is '{}'; {}", key, name, suggest_name(name, valid)));
  return fallback;
}

std::vector<std::string> TomlReader::strings(std::string_view key) {
  if (!has(key)) missing(key);
  return strings(key, {});
}

TomlReader TomlReader::table(std::string_view key) {
  Node& node = *state_->nodes[node_];
  node.asked.emplace(key);
  const std::string path = node.path.empty() ? std::string(key) : fmt::format("{}.{}", node.path, key);
  const toml::node* found = node.table == nullptr ? nullptr : node.table->get(key);
  if (found != nullptr && !found->is_table()) reject(key, fmt::format("'{}' must be a table", key));
  const toml::table* table = found == nullptr ? nullptr : found->as_table();
  // A table that choose() made has no place of its own.
  const bool has_place = table != nullptr && table->source().begin.line != 0;
  return {state_, state_->add_node(table, path, has_place ? table->source().begin : node.at)};
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) {
  Node& node = *state_->nodes[node_];
  node.asked.emplace(key);
  if (!has(key)) return {};
  const std::string path = node.path.empty() ? std::string(key) : fmt::format("{}.{}", node.path, key);
  const toml::array* array = node.table->get(key)->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
    reject(key, fmt::format("'{}' must be an array of tables, [[{}]]", key, path));
    return {};
  }
  std::vector<TomlReader> readers;
  for (const toml::node& element : *array)
    readers.push_back({state_, state_->add_node(element.as_table(), path, element.source().begin)});
  return readers;
}

}  // namespace penstock
