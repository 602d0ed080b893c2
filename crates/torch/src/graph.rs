use std::any::Any;
use std::ffi::{c_char, c_int};
use std::panic::{self, AssertUnwindSafe};
use std::ptr::{self, NonNull};

use tch::Device;

use crate::border::check;
use crate::{Result, TorchError, cuda};

/// What some work launches on a CUDA device, recorded once and launched again as one: `torch.cuda.CUDAGraph`.
///
/// A launch costs the processor some microseconds, which is more than many a kernel takes. A graph is one launch for all
/// that the work has. It reads and writes the memory that the work did, so tensors that go in or come out have
/// to be the same at each replay: new values are [copied](tch::Tensor::copy_) into them. What the work does on the
/// processor is not recorded. Random numbers are drawn anew at each replay, as the work would draw them.
///
/// [`Replay`] records work that is run again and again.
#[derive(Debug)]
pub struct CudaGraph {
    graph: NonNull<Recording>,
}

/// `SelvedgeGraph`.
#[repr(C)]
struct Recording {
    _private: [u8; 0],
}

// SAFETY: a graph belongs to no thread; launching and freeing it is allowed from any.
unsafe impl Send for CudaGraph {}

impl CudaGraph {
    /// Whether this program can record graphs: it was built against a libtorch with CUDA, and the headers of CUDA's
    /// runtime.
    #[must_use]
    pub fn is_built() -> bool {
        // SAFETY: takes nothing and changes nothing.
        unsafe { selvedge_graphs_built() }
    }

    /// Records what `work` launches on a CUDA device. Nothing of it is computed before the first
    /// [`replay`](Self::replay).
    ///
    /// The work has to have run before: what libraries do at their first call can not be recorded.
    ///
    /// # Errors
    ///
    /// For another device, or one that is not there; without the headers of CUDA's runtime; and when `work` does
    /// something that can not be recorded, such as reading a value. A panic of its is such an error, too.
    ///
    /// ```
    /// use selvedge_torch::{CudaGraph, cuda};
    /// use tch::{Device, Kind, Tensor};
    ///
    /// if CudaGraph::is_built() && cuda::device_count().is_ok() {
    ///     let mut sum = Tensor::zeros([2], (Kind::Float, Device::Cuda(0)));
    ///     let mut add = || drop(sum.g_add_scalar_(1.0));
    ///     add();
    ///     let graph = CudaGraph::record(Device::Cuda(0), add)?;
    ///     graph.replay()?;
    ///     graph.replay()?;
    ///     assert_eq!(sum.double_value(&[0]), 3.0);
    /// }
    /// assert!(CudaGraph::record(Device::Cpu, || ()).is_err());
    /// # Ok::<(), selvedge_torch::TorchError>(())
    /// ```
    pub fn record(device: Device, work: impl FnOnce()) -> Result<Self> {
        let Device::Cuda(index) = device else {
            let expected = "a CUDA device";
            return Err(TorchError::Unsupported {
                operation: OPERATION,
                expected,
                found: format!("{device:?}"),
            });
        };
        let index = cuda::existing(index)?;
        let mut graph = ptr::null_mut();
        // SAFETY: `graph` is a place for a pointer.
        check(OPERATION, unsafe { selvedge_graph_begin(index, &raw mut graph) })?;
        let Some(graph) = NonNull::new(graph) else { unreachable!("without a message there is a graph") };
        let graph = Self { graph };
        let outcome = panic::catch_unwind(AssertUnwindSafe(work));
        // SAFETY: the graph was begun, and is ended once.
        let ended = check(OPERATION, unsafe { selvedge_graph_end(graph.graph.as_ptr()) });
        outcome.map_err(|panic| TorchError::Libtorch { operation: OPERATION, message: said(&*panic) })?;
        ended.map(|()| graph)
    }

    /// Launches what was recorded, on the thread's stream as any operation.
    ///
    /// # Errors
    ///
    /// When the device fails.
    pub fn replay(&self) -> Result<()> {
        // SAFETY: the graph is there as long as this.
        check(OPERATION, unsafe { selvedge_graph_replay(self.graph.as_ptr()) })
    }
}

impl Drop for CudaGraph {
    fn drop(&mut self) {
        // SAFETY: nothing uses the graph after this. That a device failed was told where it was used.
        let _ = check(OPERATION, unsafe { selvedge_graph_free(self.graph.as_ptr()) });
    }
}

const OPERATION: &str = "CUDAGraph";

/// The first line of a panic's message.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.and_then(|text| text.lines().next()).unwrap_or("the work panicked").to_owned()
}

/// Work on tensors that stay where they are, run again and again. On a CUDA device it is recorded as a [`CudaGraph`]
/// after a few runs, and replayed from then on; elsewhere, and where it can not be recorded, it runs as it is.
///
/// The runs are those of the caller: none is made for the recording, and each has its effect once.
///
/// ```
/// use selvedge_torch::{DeviceChoice, Replay};
/// use tch::{Kind, Tensor};
///
/// let device = DeviceChoice::Auto.resolve()?;
/// let mut sum = Tensor::zeros([2], (Kind::Float, device));
/// let mut replay = Replay::on(device);
/// for _ in 0..9 {
///     replay.run(|| drop(sum.g_add_scalar_(1.0)));
/// }
/// assert_eq!(sum.double_value(&[0]), 9.0);
/// # Ok::<(), selvedge_torch::TorchError>(())
/// ```
#[derive(Debug)]
pub struct Replay {
    state: State,
}

#[derive(Debug)]
enum State {
    /// It runs as it is, so many times more before it is recorded.
    Before {
        device: Device,
        runs: u32,
    },
    Recorded(CudaGraph),
    /// It runs as it is, for that reason where one is known.
    Ordinary(Option<TorchError>),
}

/// As many as PyTorch's documentation runs before it records: libraries set themselves up in the first ones.
const WARM_UP: u32 = 3;

impl Replay {
    /// Nothing is recorded yet.
    #[must_use]
    pub fn on(device: Device) -> Self {
        let state =
            if device.is_cuda() { State::Before { device, runs: WARM_UP } } else { State::Ordinary(None) };
        Self { state }
    }

    /// Runs the work, or replays it. It has to be the same work each time.
    ///
    /// # Panics
    ///
    /// As the work, and when the device fails.
    #[track_caller]
    pub fn run(&mut self, mut work: impl FnMut()) {
        if let State::Before { device, runs } = &mut self.state {
            if *runs == 0 {
                let recorded = CudaGraph::record(*device, &mut work);
                self.state = recorded.map_or_else(|error| State::Ordinary(Some(error)), State::Recorded);
            } else {
                *runs -= 1;
            }
        }
        match &self.state {
            State::Recorded(graph) => graph.replay().unwrap_or_else(|error| panic!("{error}")),
            State::Before { .. } | State::Ordinary(_) => work(),
        }
    }

    /// What came of recording the work, once that was tried: it is replayed, or runs as it is for that reason.
    #[must_use]
    pub fn outcome(&self) -> Option<Result<(), &TorchError>> {
        match &self.state {
            State::Recorded(_) => Some(Ok(())),
            State::Ordinary(reason) => reason.as_ref().map(Err),
            State::Before { .. } => None,
        }
    }
}

unsafe extern "C" {
    fn selvedge_graphs_built() -> bool;
    fn selvedge_graph_begin(device: c_int, graph: *mut *mut Recording) -> *mut c_char;
    fn selvedge_graph_end(graph: *mut Recording) -> *mut c_char;
    fn selvedge_graph_replay(graph: *mut Recording) -> *mut c_char;
    fn selvedge_graph_free(graph: *mut Recording) -> *mut c_char;
}
