//! A proxy that cuts every connection after about 100 KB, as the network in the mountains does.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// About how many bytes a connection carries upwards.
const CUT_AFTER: usize = 100_000;

pub(super) struct CuttingProxy {
    pub(super) address: SocketAddr,
    cuts: Arc<AtomicUsize>,
    carried: Arc<AtomicUsize>,
}

impl CuttingProxy {
    /// Stands before `upstream` until the process ends.
    pub(super) fn before(upstream: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            cuts: Arc::default(),
            carried: Arc::default(),
        };
        let (cuts, carried) = (Arc::clone(&proxy.cuts), Arc::clone(&proxy.carried));
        std::thread::spawn(move || {
            for phone in listener.incoming() {
                let (phone, server) = (phone.unwrap(), TcpStream::connect(&upstream));
                let Ok(server) = server else { return };
                let down = (server.try_clone().unwrap(), phone.try_clone().unwrap());
                std::thread::spawn(move || carry(down.0, down.1, usize::MAX, &AtomicUsize::new(0)));
                let (cuts, carried) = (Arc::clone(&cuts), Arc::clone(&carried));
                let most = rand::random_range(CUT_AFTER / 2..CUT_AFTER * 3 / 2);
                std::thread::spawn(move || {
                    if carry(phone, server, most, &carried) {
                        cuts.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        proxy
    }

    pub(super) fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }

    /// Bytes that went upwards.
    pub(super) fn carried(&self) -> usize {
        self.carried.load(Ordering::SeqCst)
    }
}

/// Carries at most `most` bytes, then closes both ends; says whether it cut.
fn carry(mut from: TcpStream, mut to: TcpStream, most: usize, count: &AtomicUsize) -> bool {
    let mut buffer = [0; 8192];
    let mut left = most;
    let cut = loop {
        let Ok(read @ 1..) = from.read(&mut buffer) else {
            break false;
        };
        let passed = left.min(read);
        left -= passed;
        count.fetch_add(passed, Ordering::SeqCst);
        if to.write_all(&buffer[..passed]).is_err() {
            break false;
        }
        if left == 0 {
            break true;
        }
    };
    // One of them may be closed already.
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
    cut
}
