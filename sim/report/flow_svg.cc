// Layout of a flow graph.
#include "sim/report/flow_svg.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/text.h"

namespace penstock {
namespace {

// In pixels of the drawing, which scales with the page.
constexpr double kColumnStep = 230;  // from a column's left edge to the next
constexpr double kNodeWidth = 10;
constexpr double kLabelGap = 6;     // from a node to its label
constexpr double kScaleOver = 150;  // the height of what was offered
constexpr double kLeastHeight = 2;
constexpr double kLineHeight = 17;  // no two labels of a column are closer
constexpr double kTop = 8;

constexpr std::array<const char*, 4> kToneClass = {"plain", "good", "aside", "bad"};

struct Placed {
  double x = 0, y = 0, height = 0;
  double out = 0, in = 0;  // where the next link leaves and arrives, from y on
};

class Layout {
 public:
  explicit Layout(const Flow& flow) : flow_(flow) {
    std::uint64_t most = 1;
    for (const FlowNode& node : flow.nodes)
      most = std::max(most, node.count);
    scale_ = kScaleOver / static_cast<double>(most);
    std::vector<double> bottom;
    for (const FlowNode& node : flow.nodes) {
      bottom.resize(std::max(bottom.size(), static_cast<std::size_t>(node.column) + 1), kTop);
      double& y = bottom[static_cast<std::size_t>(node.column)];
      const double height = height_of(node.count);
      placed_.push_back({.x = node.column * kColumnStep, .y = y, .height = height});
      y += std::max(height, kLineHeight) + 5;
      width_ = std::max(width_, node.column * kColumnStep + kColumnStep);
    }
    height_ = *std::max_element(bottom.begin(), bottom.end());
  }

  double width() const { return width_; }
  double height() const { return height_; }

  std::string links() {
    std::string text;
    for (const FlowLink& link : flow_.links)
      text += band(link);
    return text;
  }

  std::string nodes() const {
    std::string text;
    for (std::size_t i = 0; i < placed_.size(); ++i) {
      const Placed& at = placed_[i];
      const FlowNode& node = flow_.nodes[i];
      text += fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.0f}" height="{:.1f}"/>)",
                          kToneClass[static_cast<std::size_t>(node.tone)], at.x, at.y, kNodeWidth, at.height);
      text += fmt::format(R"(<text x="{:.1f}" y="{:.1f}">{} <tspan class="n">{}</tspan></text>)",
                          at.x + kNodeWidth + kLabelGap, at.y + std::max(at.height, kLineHeight) / 2 + 4.5,
                          escaped_markup(node.name), grouped(node.count));
      text += '\n';
    }
    return text;
  }

 private:
  double height_of(std::uint64_t count) const {
    return std::max(kLeastHeight, static_cast<double>(count) * scale_);
  }

  // From the right edge of one node to the left edge of the other, as two parallel curves.
  std::string band(const FlowLink& link) {
    Placed& from = placed_[link.from];
    Placed& to = placed_[link.to];
    const double wide = height_of(link.count);
    const double x0 = from.x + kNodeWidth, x1 = to.x, middle = (x0 + x1) / 2;
    const double y0 = from.y + from.out, y1 = to.y + to.in;
    if (!link.slow_way) from.out += wide;  // beside the reasons, which hold the same frames
    to.in += wide;
    const std::string title = fmt::format("{} to {}: {}{}", escaped_markup(flow_.nodes[link.from].name),
                                          escaped_markup(flow_.nodes[link.to].name), grouped(link.count),
                                          link.slow_way ? ", the slow way" : "");
    return fmt::format(
        "<path class=\"link {}{}\" d=\"M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}v{:.1f}"
        "C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}z\"><title>{}</title></path>\n",
        kToneClass[static_cast<std::size_t>(flow_.nodes[link.to].tone)], link.slow_way ? " slow" : "", x0, y0,
        middle, y0, middle, y1, x1, y1, wide, middle, y1 + wide, middle, y0 + wide, x0, y0 + wide, title);
  }

  const Flow& flow_;
  std::vector<Placed> placed_;
  double scale_ = 1, width_ = 0, height_ = 0;
};

}  // namespace

std::string flow_svg(const Flow& flow, const std::string& title) {
  Layout layout(flow);
  const std::string links = layout.links();
  return fmt::format(
      "<svg class=\"flow\" role=\"img\" viewBox=\"0 0 {:.0f} {:.0f}\" style=\"max-width:{:.0f}px\">"
      "<title>{}</title>\n{}{}</svg>\n",
      layout.width(), layout.height(), layout.width(), escaped_markup(title), links, layout.nodes());
}

}  // namespace penstock
