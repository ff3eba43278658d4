//! Two registers, as the tests of tables expect their columns.

use kitei_papers::tables::{ChoiceOption, ColumnKind, ExpectedColumn};

/// The columns of `personal` (個人情報管理台帳) or `assets` (情報資産管理台帳).
pub(crate) fn columns(register: &str) -> Vec<ExpectedColumn> {
    match register {
        "personal" => personal_ledger(),
        "assets" => asset_ledger(),
        other => panic!("no register {other}"),
    }
}

fn personal_ledger() -> Vec<ExpectedColumn> {
    use ColumnKind::*;
    let medium = Choice(vec![
        ChoiceOption::new("paper", &["紙", "書類"]),
        ChoiceOption::new("electronic", &["電子データ", "電子", "データ"]),
    ]);
    let column = ExpectedColumn::new;
    vec![
        column("name", &["個人情報の名称", "個人情報名", "個人情報の種類", "台帳名"], Text).required(),
        column("principals", &["本人の範囲", "対象者"], Text),
        column("items", &["個人情報の項目", "取得項目", "記載項目"], LongText),
        column("purpose", &["利用目的", "目的"], LongText).required(),
        column("acquired_by", &["取得方法", "入手方法", "取得経路"], Text),
        column("count", &["件数", "保有件数", "人数"], Count),
        column("place", &["保管場所", "保管先"], Text),
        column("medium", &["媒体", "保管媒体", "形態"], medium),
        column("department", &["管理部門", "部署", "担当部署", "所管部署"], Text).required(),
        column("owner", &["責任者", "管理責任者", "担当者"], People).personal(),
        column("access", &["アクセス権者", "閲覧者", "利用者の範囲"], People).personal(),
        column("special_care", &["要配慮個人情報", "要配慮", "要配慮の有無"], YesNo),
        column("entrusted", &["委託", "委託の有無", "外部委託"], YesNo),
        column("retention", &["保存期間", "保管期間", "保有期間"], Period),
        column("started", &["取得日", "登録日", "取得開始日", "作成日"], Date),
        column("reviewed", &["確認日", "見直し日", "最終確認日"], Date),
        column("disposal", &["廃棄方法", "消去方法"], Text),
        column("phone", &["連絡先電話番号", "電話番号", "電話", "TEL"], Phone).personal(),
        column("email", &["メールアドレス", "E-mail", "連絡先メール"], Email).personal(),
        column("note", &["備考", "摘要"], LongText),
    ]
}

fn asset_ledger() -> Vec<ExpectedColumn> {
    use ColumnKind::*;
    let confidentiality = Choice(vec![
        ChoiceOption::new("2", &["極秘"]),
        ChoiceOption::new("1", &["社外秘", "秘"]),
        ChoiceOption::new("0", &["公開"]),
    ]);
    let column = ExpectedColumn::new;
    vec![
        column("name", &["情報資産名称", "情報資産名", "資産名", "資産の名称"], Text).required(),
        column("department", &["管理部署", "部署", "所管"], Text).required(),
        column("confidentiality", &["機密性", "C", "機密性(C)"], confidentiality),
        column("integrity", &["完全性", "I"], Integer),
        column("availability", &["可用性", "A"], Integer),
        column("users", &["利用者範囲", "利用範囲"], Text),
        column("medium", &["媒体・保存先", "媒体", "保存先"], Text),
        column("personal", &["個人情報の有無", "個人情報"], YesNo),
        column("cost", &["取得価額", "取得金額", "金額"], Yen),
        column("retention", &["保存期限", "保存期間"], Period),
        column("introduced", &["登録年月", "登録月"], YearMonth),
        column("registered", &["登録日"], Date),
        column("note", &["備考"], LongText),
    ]
}
