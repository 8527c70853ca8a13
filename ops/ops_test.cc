// Dashboard and alerts name real metrics, labels and values: those of the tables in engine/metrics.
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/metrics/counters.h"
#include "engine/metrics/engine_facts.h"
#include "engine/metrics/losses.h"

namespace penstock {
namespace {

using Json = nlohmann::json;

constexpr char kDashboard[] = "ops/grafana_dashboard.json";
constexpr char kAlerts[] = "ops/prometheus_alerts.yml";

struct Metric {
  std::set<std::string> labels = {"instance"};  // which Prometheus adds
  std::set<std::string> values{};               // of the label, where the table knows them
};

std::map<std::string, Metric> all_metrics() {
  std::map<std::string, Metric> metrics;
  for (std::size_t i = 0; i < kCounterCount; ++i) {
    const CounterInfo& info = counter_info(static_cast<Counter>(i));
    Metric& metric = metrics["penstock_" + std::string(info.name) + "_total"];
    if (info.label == CounterLabel::kNone) continue;
    metric.labels.insert(std::string(label_name(info.label)));
    for (std::size_t value = 0; value < label_values(info.label); ++value)
      metric.values.insert(label_value(info.label, value));
  }
  const std::regex word("\\w+");
  const auto add = [&](const std::string& name, const std::string& labels) {
    Metric& metric = metrics["penstock_" + name];
    for (std::sregex_iterator it(labels.begin(), labels.end(), word), end; it != end; ++it)
      metric.labels.insert(it->str());
  };
#define X(name, type, labels, help) add(name, labels);
  PENSTOCK_FACTS(X)
#undef X
  return metrics;
}

std::string text_of(const char* file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_FALSE(text.str().empty()) << file;
  return text.str();
}

// All matches of `pattern`, with their groups.
std::vector<std::smatch> matches(const std::string& text, const char* pattern) {
  const std::regex wanted(pattern);
  return {std::sregex_iterator(text.begin(), text.end(), wanted), std::sregex_iterator()};
}

void check_selector(const std::string& name, const Metric& metric, const std::string& inside) {
  for (const std::smatch& matcher : matches(inside, "(\\w+)(=~|!~|!=|=)\"([^\"]*)\"")) {
    const std::string label = matcher[1], how = matcher[2], value = matcher[3];
    EXPECT_TRUE(metric.labels.contains(label)) << name << " has no label " << label;
    const bool named = !metric.values.empty() && label != "instance" && how.size() == 1;
    if (named) {
      EXPECT_TRUE(metric.values.contains(value)) << name << ": " << label << " is never " << value;
    }
  }
}

void check_expressions(const std::string& text) {
  const auto metrics = all_metrics();
  const auto uses = matches(text, "(penstock_\\w+)(\\{[^}]*\\})?");
  EXPECT_GT(uses.size(), 10u);
  for (const std::smatch& use : uses) {
    const auto metric = metrics.find(use[1]);
    ASSERT_NE(metric, metrics.end()) << use[1] << " is in no table of engine/metrics";
    check_selector(use[1], metric->second, use[2]);
  }
  for (const std::smatch& sum : matches(text, "by \\(([^)]*)\\) \\(\\w+\\((penstock_\\w+)")) {
    const std::string by = sum[1], name = sum[2];
    for (const std::smatch& label : matches(by, "\\w+"))
      EXPECT_TRUE(metrics.at(name).labels.contains(label.str())) << name << " has no label " << label.str();
  }
}

std::vector<std::string> expressions_of(const Json& dashboard) {
  std::vector<std::string> expressions;
  for (const Json& panel : dashboard["panels"]) {
    for (const Json& target : panel["targets"])
      expressions.push_back(target["expr"]);
  }
  return expressions;
}

TEST(Dashboard, NamesMetricsThatThereAre) {
  std::string all;
  for (const std::string& expression : expressions_of(Json::parse(text_of(kDashboard))))
    all += expression + "\n";
  check_expressions(all);
}

TEST(Dashboard, HasAWordToEachPanelAndALegendFromItsLabels) {
  const Json dashboard = Json::parse(text_of(kDashboard));
  const auto metrics = all_metrics();
  std::set<int> ids;
  std::set<std::pair<int, int>> places;
  for (const Json& panel : dashboard["panels"]) {
    const std::string title = panel["title"];
    EXPECT_FALSE(title.empty());
    EXPECT_GT(panel["description"].get<std::string>().size(), title.size() / 2) << title;
    EXPECT_TRUE(ids.insert(panel["id"].get<int>()).second) << title;
    const Json& place = panel["gridPos"];
    EXPECT_TRUE(places.emplace(place["x"].get<int>(), place["y"].get<int>()).second) << title;
    for (const Json& target : panel["targets"]) {
      const std::string expression = target["expr"], legend = target["legendFormat"];
      const auto by = matches(expression, "by \\(([^)]*)\\)");
      const auto metric = matches(expression, "penstock_\\w+");
      ASSERT_FALSE(metric.empty()) << title;
      for (const std::smatch& label : matches(legend, "\\{\\{(\\w+)\\}\\}")) {
        const bool kept = by.empty() ? metrics.at(metric[0].str()).labels.contains(label[1].str())
                                     : by[0][1].str().find(label[1].str()) != std::string::npos;
        EXPECT_TRUE(kept) << title << ": " << legend << " of " << expression;
      }
    }
  }
}

TEST(Alerts, NameMetricsThatThereAre) {
  check_expressions(text_of(kAlerts));
}

TEST(Alerts, EachSaysWhatIsWrongAndWhatToDo) {
  const std::string text = text_of(kAlerts);
  const std::size_t alerts = matches(text, "- alert: Penstock\\w+\n").size();
  EXPECT_GE(alerts, 10u);
  for (const char* part :
       {"\n        expr: ", "\n        labels: \\{severity: (critical|warning)\\}\n",
        "\n          summary: \"[^\"]+\\$labels.instance [^\"]*\"\n", "\n          command: \"[^\"]+\"\n"})
    EXPECT_EQ(matches(text, part).size(), alerts) << part;
}

TEST(Alerts, AndDashboardKnowEveryWayToLoseAFrame) {
  for (const char* file : {kAlerts, kDashboard}) {
    const std::string text = text_of(file);
    for (const Loss& loss : losses(CounterSnapshot())) {
      const std::string family = "penstock_" + loss.cause.substr(0, loss.cause.find('{')) + "_total";
      EXPECT_NE(text.find(family), std::string::npos) << family << " in " << file;
    }
  }
}

}  // namespace
}  // namespace penstock
