// Leaving out, and looking whether it still fails.
#include "sim/simulate/shrink.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace penstock {
namespace {

// Two violations are of one kind when they say the same up to the first colon, whatever the figures are; but
// law 1 is not law 2.
std::string kind_of(const std::string& violation) {
  constexpr std::size_t kLawAndNumber = 5;
  std::string kind = violation.substr(0, violation.find(':'));
  const std::size_t from = kind.starts_with("law ") ? std::min(kLawAndNumber, kind.size()) : 0;
  kind.erase(std::remove_if(kind.begin() + static_cast<std::ptrdiff_t>(from), kind.end(),
                            [](char c) { return c >= '0' && c <= '9'; }),
             kind.end());
  return kind;
}

class Shrinker {
 public:
  Shrinker(const SimPlan& plan, const SimOutcome& failed, const SimTry& run)
      : kind_(kind_of(failed.violation)), best_{.plan = plan, .violation = failed.violation}, run_(run) {}

  // Takes `plan` in place of the best one if it fails in the same way.
  bool accept(SimPlan plan) {
    if (!status_) return false;
    ++best_.tries;
    Result<SimOutcome> outcome = run_(plan);
    if (!outcome) {
      status_ = tl::unexpected(outcome.error());
      return false;
    }
    if (outcome->held() || kind_of(outcome->violation) != kind_) return false;
    best_.plan = std::move(plan);
    best_.violation = std::move(outcome->violation);
    return true;
  }

  void cut_the_end(std::uint64_t events) {
    SimPlan plan = best_.plan;
    if (events == 0 || events >= plan.events.size()) return;
    plan.events.resize(events);
    accept(std::move(plan));
  }

  void drop_kinds() {
    for (const SimEventName& row : event_names()) {
      SimPlan plan = best_.plan;
      if (std::erase_if(plan.events, [&](const SimEvent& event) { return event.kind == row.kind; }) != 0)
        accept(std::move(plan));
    }
  }

  void drop_pieces() {
    for (std::size_t piece = best_.plan.events.size() / 2; piece > 0 && status_;) {
      bool any = false;
      for (std::size_t at = 0; at < best_.plan.events.size() && status_;) {
        SimPlan plan = best_.plan;
        const auto first = plan.events.begin() + static_cast<std::ptrdiff_t>(at);
        const auto left = static_cast<std::size_t>(plan.events.end() - first);
        plan.events.erase(first, first + static_cast<std::ptrdiff_t>(std::min(piece, left)));
        if (accept(std::move(plan))) {
          any = true;
        } else {
          at += piece;
        }
      }
      if (!any || piece > 1) piece /= 2;
    }
  }

  void make_plain() {
    const auto with = [this](auto&& change) {
      SimPlan plan = best_.plan;
      change(plan);
      accept(std::move(plan));
    };
    with([](SimPlan& plan) { plan.timing = {}; });
    with([](SimPlan& plan) { plan.ring.nic.waking = NicConfig::Waking::kNever; });
    with([](SimPlan& plan) { plan.ring.nic.device_ring = 256, plan.ring.nic.budget = 64; });
    with([](SimPlan& plan) { plan.ring.fill_frames = 0; });
    with([](SimPlan& plan) { plan.ring.first_index = 0; });
    with([](SimPlan& plan) { plan.ring.max_payload = 1472; });
    with([](SimPlan& plan) { plan.ring.scope = PENSTOCK_SCOPE_ALL; });
    with([](SimPlan& plan) {
      plan.ring.nic.queues = plan.ring.sockets = 1;
      std::erase_if(plan.events, [](const SimEvent& event) {
        return event.a != 0 &&
               (event.kind == SimEventKind::kClearSocket || event.kind == SimEventKind::kSetSocket);
      });
    });
  }

  Result<Shrunk> result() && {
    if (!status_) return tl::unexpected(status_.error());
    return std::move(best_);
  }

 private:
  std::string kind_;
  Shrunk best_;
  const SimTry& run_;
  Status status_;
};

}  // namespace

Result<Shrunk> shrink(const SimPlan& plan, const SimOutcome& failed, const SimTry& run) {
  Shrinker shrinker(plan, failed, run);
  shrinker.cut_the_end(failed.events);
  shrinker.drop_kinds();
  shrinker.drop_pieces();
  shrinker.make_plain();
  shrinker.drop_pieces();
  return std::move(shrinker).result();
}

}  // namespace penstock
