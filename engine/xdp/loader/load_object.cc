// The choice.
#include "engine/xdp/loader/load_object.h"

#include "engine/xdp/loader/direct_loader.h"
#include "engine/xdp/loader/libbpf_loader.h"

namespace penstock {

std::string_view to_string(Loader loader) {
  return loader == Loader::kLibbpf ? "libbpf" : "direct";
}

Result<LoadedObject> load_object(Loader loader, const ObjectFile& file, const LoadedObject* keep) {
  return loader == Loader::kLibbpf ? load_with_libbpf(file, keep) : load_directly(file, keep);
}

}  // namespace penstock
