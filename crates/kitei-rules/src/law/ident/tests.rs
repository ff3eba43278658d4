//! Check digits by their formulas: the published examples, and properties of the formulas.

use proptest::prelude::*;

use super::{Kind, check, digits, normalize};

fn valid(kind: Kind, value: &str) -> bool {
    check(kind, value).valid
}

#[test]
fn rules_article_5_individual_number() {
    for right in [
        "123456789018",
        "987654321093",
        "234567890121",
        "000000000019",
        "555555555557",
        "200000000050",
        "200000000000",
        "123456789000",
    ] {
        assert!(valid(Kind::MyNumber, right), "{right}");
    }
    for wrong in ["123456789012", "123456789019", "12345678901", "1234567890180", "", "12345678901x"] {
        assert!(!valid(Kind::MyNumber, wrong), "{wrong}");
    }
}

#[test]
fn corporate_number() {
    for right in ["7000012050002", "8700110005901", "9120001004847", "7123456789012", "9999999999999"] {
        assert!(valid(Kind::CorporateNumber, right), "{right}");
    }
    for wrong in ["1000012050002", "0000000000000", "700001205000"] {
        assert!(!valid(Kind::CorporateNumber, wrong), "{wrong}");
    }
}

#[test]
fn drivers_licence() {
    for right in ["302012345610", "309900000140", "450511111110", "302012345619"] {
        assert!(valid(Kind::DriversLicence, right), "{right}");
    }
    for wrong in ["302012345600", "309900000130", "30201234561"] {
        assert!(!valid(Kind::DriversLicence, wrong), "{wrong}");
    }
    // 15 is no commission, though the check digit would be right.
    let bytes = b"151012345600";
    let (position, digit) = digits::drivers_licence_digit(bytes).expect("a digit");
    let mut number = *bytes;
    number[position] = digit;
    let number = String::from_utf8(number.to_vec()).expect("digits");
    assert!(check(Kind::DriversLicence, &number).reason.ja.contains("公安委員会"));
    assert!(check(Kind::DriversLicence, "302012345610").note.is_some());
}

#[test]
fn insurer_of_eight_and_six_digits() {
    for right in ["01130012", "01270016", "138016"] {
        assert!(valid(Kind::Insurer, right), "{right}");
    }
    for wrong in ["01130013", "138017", "1380168", "0113001"] {
        assert!(!valid(Kind::Insurer, wrong), "{wrong}");
    }
}

#[test]
fn cards_by_issuer() {
    use digits::Issuer;
    let cases = [
        ("4111111111111111", Issuer::Visa),
        ("4222222222222", Issuer::Visa),
        ("5555555555554444", Issuer::Mastercard),
        ("2223000048400011", Issuer::Mastercard),
        ("3530111333300000", Issuer::Jcb),
        ("378282246310005", Issuer::AmericanExpress),
        ("30569309025904", Issuer::Diners),
    ];
    for (number, issuer) in cases {
        let checked = check(Kind::Card, number);
        assert_eq!((checked.valid, checked.issuer), (true, Some(issuer)), "{number}");
        assert!(digits::card_check(number.as_bytes()));
    }
    for wrong in ["4111111111111112", "6011111111111117", "41111111111111", "378282246310006", "4"] {
        assert!(!valid(Kind::Card, wrong), "{wrong}");
    }
}

#[test]
fn forms_without_a_check_digit() {
    let cases = [
        (Kind::Passport, "TK1234567", true),
        (Kind::Passport, "tk 1234567", true),
        (Kind::Passport, "T12345678", false),
        (Kind::ResidenceCard, "AB12345678CD", true),
        (Kind::ResidenceCard, "AB1234567CD", false),
        (Kind::PensionNumber, "1234-567890", true),
        (Kind::PensionNumber, "1234-56789", false),
    ];
    for (kind, value, expected) in cases {
        assert_eq!(valid(kind, value), expected, "{kind:?} {value}");
    }
}

#[test]
fn numbers_as_people_write_them() {
    for written in [
        "1234-5678-9018",
        "１２３４５６７８９０１８",
        "1234 5678 9018",
        "１２３４　５６７８　９０１８",
        "1234‐5678‑9018",
        "1234–5678−9018",
        "1234ー5678ー9018",
        "1234―5678—9018",
        " 123456789018\n",
    ] {
        let checked = check(Kind::MyNumber, written);
        assert_eq!((checked.valid, checked.normal.as_str()), (true, "123456789018"), "{written}");
    }
    assert_eq!(normalize("－ｔｋ１２"), "TK12");
}

#[test]
fn reasons_name_the_fault_and_debug_hides_the_number() {
    let checked = check(Kind::MyNumber, "123456789012");
    assert!(checked.reason.en.contains("8 was expected"), "{}", checked.reason.en);
    assert!(check(Kind::MyNumber, "1234").reason.en.contains("should be 12"));
    assert!(check(Kind::Insurer, "1234").reason.en.contains("8 or 6"));
    assert!(check(Kind::MyNumber, "12345678901A").reason.en.contains("other than digits"));
    assert!(!format!("{checked:?}").contains("123456789012"));
}

proptest! {
    #[test]
    fn every_single_digit_error_of_an_insurer_or_card_is_found(number in "[0-9]{7}", place in 0_usize..7, by in 1_u8..=9) {
        let mut bytes = number.into_bytes();
        bytes.push(b'0');
        let (position, digit) = digits::insurer_digit(&bytes).expect("eight digits");
        bytes[position] = digit;
        prop_assert!(digits::insurer_check(&bytes));
        bytes[place] = b'0' + (bytes[place] - b'0' + by) % 10;
        prop_assert!(!digits::insurer_check(&bytes));
    }

    #[test]
    fn exactly_one_check_digit_is_right(number in "[0-9]{12}") {
        let bytes = number.into_bytes();
        let right = |place: usize, check: &dyn Fn(&[u8]) -> bool| (b'0'..=b'9').filter(|digit| {
            let mut candidate = bytes.clone();
            candidate[place] = *digit;
            check(&candidate)
        }).count();
        prop_assert_eq!(right(11, &|bytes| bytes.try_into().is_ok_and(digits::my_number_check)), 1);
        prop_assert_eq!(right(10, &|bytes| digits::drivers_licence_digit(bytes).is_some_and(|(place, digit)| bytes[place] == digit)), 1);
    }

    #[test]
    fn no_bytes_make_a_check_panic(bytes in proptest::collection::vec(any::<u8>(), 0..24), text in ".{0,30}") {
        let _ = (digits::card_check(&bytes), digits::insurer_check(&bytes), digits::is_safety_commission(&bytes));
        let _ = (digits::my_number_digit(&bytes), digits::corporate_number_digit(&bytes), digits::luhn_digit(&bytes));
        for (_, kind) in Kind::NAMED {
            let _ = check(*kind, &text);
        }
    }
}
