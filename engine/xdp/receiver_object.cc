// Its bytes are compiled in.
#include "engine/xdp/receiver_object.h"

#include "bpf/receiver.object.h"

namespace penstock {

Result<LoadedObject> load_receiver_object(Loader loader, const LoadedObject* keep) {
  return load_object(loader, {"receiver", receiver_bpf_object()}, keep);
}

}  // namespace penstock
