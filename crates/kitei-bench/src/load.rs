//! Load: so many clients, each with a connection of its own, asking one after the other for so long.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::{
    Trouble,
    client::{Answer, Connection},
    rows::median,
};

/// Clients at the same time.
pub(crate) const CLIENTS: usize = 8;
/// Runs of which the median counts.
const RUNS: usize = 3;

/// What a load reached: medians of the runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reached {
    /// Answers a second.
    pub(crate) rate: f64,
    /// The 99th percentile of the time to an answer, in milliseconds.
    pub(crate) p99: f64,
}

/// Puts a request to a server under load. Every answer must be of the length and status of the first.
pub(crate) async fn put(address: SocketAddr, request: &[u8], seconds: u64) -> Result<Reached, Trouble> {
    let first = Connection::open(address).await?.exchange(request).await?;
    if first.status != 200 {
        return Err(format!("answered {}: {}", first.status, first.text()).into());
    }
    // One run that is not counted fills caches and pools.
    run(address, request, &first, Duration::from_millis(500)).await?;
    let (mut rates, mut tails) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (rate, p99) = run(address, request, &first, Duration::from_secs(seconds)).await?;
        rates.push(rate);
        tails.push(p99);
    }
    Ok(Reached { rate: median(rates), p99: median(tails) })
}

async fn run(address: SocketAddr, request: &[u8], first: &Answer, lasts: Duration) -> Result<(f64, f64), Trouble> {
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (request, length) = (request.to_vec(), first.body.len());
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut took = Vec::new();
                while begun.elapsed() < lasts {
                    let asked = Instant::now();
                    let answer = connection.exchange(&request).await?;
                    took.push(asked.elapsed());
                    if answer.status != 200 || answer.body.len() != length {
                        return Err(Trouble::from(format!("answered {}, {} bytes", answer.status, answer.body.len())));
                    }
                }
                Ok(took)
            })
        })
        .collect();
    let mut took = Vec::new();
    for client in clients {
        took.extend(client.await??);
    }
    let elapsed = begun.elapsed().as_secs_f64();
    took.sort_unstable();
    let tail = took.get(took.len().saturating_sub(1) * 99 / 100).copied().unwrap_or_default();
    Ok((to_f64(took.len()) / elapsed, tail.as_secs_f64() * 1000.0))
}

/// A count as a figure; counts here are far below 2³².
pub(crate) fn to_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
