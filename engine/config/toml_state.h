// What a TomlDocument holds: for toml_reader.cc and toml_matrix.cc only.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "engine/config/toml_reader.h"

namespace penstock {

// One table that somebody reads, and what they asked it for.
struct TomlReader::Node {
  const toml::table* table;  // nullptr: not in the file
  std::string path;          // "workload.noise"; empty for the root
  toml::source_position at;
  std::set<std::string, std::less<>> asked;
};

struct TomlDocument::State {
  struct Complaint {
    toml::source_position at;
    std::string text;
  };

  std::string name;
  std::string text;
  toml::table root;
  std::vector<std::unique_ptr<TomlReader::Node>> nodes;
  std::vector<Complaint> complaints;

  std::size_t add_node(const toml::table* table, std::string path, toml::source_position at) {
    nodes.push_back(std::make_unique<TomlReader::Node>(TomlReader::Node{table, std::move(path), at, {}}));
    return nodes.size() - 1;
  }
  // Of the value of `key` in that table, or of the table when it is not there.
  toml::source_position position_of(std::size_t node, std::string_view key) const {
    const TomlReader::Node& of = *nodes[node];
    const toml::node* found = of.table == nullptr ? nullptr : of.table->get(key);
    return found != nullptr ? found->source().begin : of.at;
  }
  void complain_about_unknown_keys();
};

}  // namespace penstock
