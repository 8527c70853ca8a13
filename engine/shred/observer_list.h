// Several observers in the place of one, each told in turn.
//
// Ownership: borrows them. Thread safety: as the resolver's.
#pragma once

#include <vector>

#include "engine/shred/fec_resolver.h"

namespace penstock {

class ObserverList final : public ResolverObserver {
 public:
  // Null is nobody.
  void add(ResolverObserver* observer) {
    if (observer != nullptr) observers_.push_back(observer);
  }

  void on_accepted(const AcceptedShred& shred) override {
    for (ResolverObserver* each : observers_)
      each->on_accepted(shred);
  }
  void on_late(const SetRecord& set, const ShredHeader& header) override {
    for (ResolverObserver* each : observers_)
      each->on_late(set, header);
  }
  void on_finished(const FinishedSet& set) override {
    for (ResolverObserver* each : observers_)
      each->on_finished(set);
  }
  void on_failed(const SetRecord& set) override {
    for (ResolverObserver* each : observers_)
      each->on_failed(set);
  }
  void on_dropped(const SetRecord& set) override {
    for (ResolverObserver* each : observers_)
      each->on_dropped(set);
  }
  void on_equivocation(const Equivocation& proof) override {
    for (ResolverObserver* each : observers_)
      each->on_equivocation(proof);
  }

 private:
  std::vector<ResolverObserver*> observers_;
};

}  // namespace penstock
