// The stage of kernel_facts.h on the model.
//
// Thread safety: none.
#pragma once

#include <vector>

#include "engine/xsk/testing/fake_kernel.h"
#include "engine/xsk/umem.h"
#include "sim/nic_model/kernel_facts.h"

namespace penstock {

// What must be there before the stage's base is made.
struct ModelStageParts {
  explicit ModelStageParts(std::uint32_t first_index)
      : kernel(umem.memory()),
        socket(kernel.add_queue(
            {.rx_entries = kStageRxEntries, .fill_entries = kStageFillEntries, .first_index = first_index})) {
  }

  Umem umem = *Umem::create(kStageFrames);
  FakeKernel kernel;
  FakeKernel::Socket socket;
};

class ModelStage final : private ModelStageParts, public KernelStage {
 public:
  explicit ModelStage(std::uint32_t first_index = 0)
      : ModelStageParts(first_index), KernelStage({socket.fill, socket.rx}) {}

  void arrive(std::size_t bytes) override {
    kernel.deliver(socket.fd, std::vector<std::byte>(bytes));
    kernel.flush(socket.fd);
  }
  xdp_statistics statistics() override {
    xdp_statistics s{};
    kernel.statistics(socket.fd, s);
    return s;
  }
  int wake() override { return kernel.wake_rx(socket.fd); }
};

}  // namespace penstock
