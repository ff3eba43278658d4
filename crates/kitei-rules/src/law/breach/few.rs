//! A set of few things, each with a small number of its own. The worlds of a breach are thousands; what each comes to is such
//! a set, and copying or comparing it costs one number.
//!
//! Invariant: things come out in the order of their numbers.

use std::{fmt, marker::PhantomData};

/// A thing with a number below 32.
pub(super) trait Numbered: Copy {
    /// Its number.
    fn place(self) -> u32;
    /// The thing of a number.
    fn at(place: u32) -> Option<Self>;
}

/// Some of these things.
pub(super) struct Few<T> {
    bits: u32,
    of: PhantomData<T>,
}

impl<T: Numbered> Few<T> {
    /// None.
    pub(super) const fn new() -> Self {
        Self { bits: 0, of: PhantomData }
    }

    const fn from_bits(bits: u32) -> Self {
        Self { bits, of: PhantomData }
    }

    pub(super) fn is_empty(self) -> bool {
        self.bits == 0
    }

    pub(super) fn contains(self, thing: T) -> bool {
        self.bits & (1 << thing.place()) != 0
    }

    /// What is here or there.
    pub(super) fn or(self, other: Self) -> Self {
        Self::from_bits(self.bits | other.bits)
    }

    /// What is here and there.
    pub(super) fn and(self, other: Self) -> Self {
        Self::from_bits(self.bits & other.bits)
    }

    /// What is here and not there.
    pub(super) fn without(self, other: Self) -> Self {
        Self::from_bits(self.bits & !other.bits)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = T> {
        (0..u32::BITS).filter(move |place| self.bits & (1 << place) != 0).filter_map(T::at)
    }
}

/// Those of which it holds.
pub(super) fn those<T: Numbered, const N: usize>(things: [(T, bool); N]) -> Few<T> {
    things.into_iter().filter(|(_, holds)| *holds).map(|(thing, _)| thing).collect()
}

impl<T: Numbered> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(things: I) -> Self {
        Self::from_bits(things.into_iter().fold(0, |bits, thing| bits | 1 << thing.place()))
    }
}

impl<T: Numbered + fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

// By hand, because derived ones would ask the same of `T`.
impl<T> Clone for Few<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Few<T> {}

impl<T> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<T> Eq for Few<T> {}

impl<T> PartialOrd for Few<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Few<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bits.cmp(&other.bits)
    }
}
