#!/usr/bin/env python3
"""Makes the two ledgers that the walk in the README imports, as small firms really have them. All data are invented.

Needs openpyxl (Debian: python3-openpyxl). Run it here: python3 make_samples.py
"""

import csv
import datetime
import io
import pathlib
import zipfile

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

HERE = pathlib.Path(__file__).parent
LONG_AGO = datetime.datetime(2026, 4, 1, 9, 0, 0)

# Name, items, purpose, department, place, method, how many, limit of use, kept for, source, registered on.
PERSONAL = [
    ("お客様相談の受付票", "氏名、電話番号", "問合せへの回答", "クラウド支援部", "書庫A", "施錠", "約1,200件", "回答まで", "3年", "本人から書面", "令和5年4月1日"),
    ("〃（電話メモ）", "〃", "〃", "〃", "〃", "〃", "約300件", "〃", "1年", "本人から書面以外", "令和5年4月1日"),
    ("導入研修の申込書", "氏名、メールアドレス", "操作研修の実施", "〃", "ファイルサーバー", "権限設定", "180件", "研修の終了まで", "1年", "本人から書面", "R6.7.1"),
    None,
    ("年賀状の宛名", "氏名、住所", "時候の挨拶", "営業部", "パソコン", "パスワード", "６５０", "毎年12月", "翌年3月に見直し", "公開情報", "平成30年11月1日"),
    ("展示会の名刺スキャン", "氏名、電話番号、メールアドレス", "商品・サービスの案内", "〃", "クラウド", "二要素認証", "約2,400件", "最後の接触から2年", "2年", "本人から書面以外", "2024/10/18"),
    ("営業日報（訪問先の担当者名）", "氏名", "取引の連絡", "〃", "ファイルサーバー", "権限設定", "不明", "取引の終了まで", "5年", "本人から書面以外", "令和元年5月7日"),
    ("懇親会の参加者名簿", "氏名", "懇親会の開催", "〃", "パソコン", "パスワード", "48", "開催まで", "開催後に消去", "本人から書面以外", "R7.1.20"),
    None,
    ("採用面接の評価票", "氏名", "採用の選考", "総務人事部", "金庫", "施錠", "85件", "選考の終了まで", "6か月", "本人から書面", "令和6年10月1日"),
    ("社員証の写真", "氏名、顔写真", "入退室の管理", "〃", "ファイルサーバー", "暗号化", "60", "退職まで", "退職時に消去", "本人から書面", "平成28年4月1日"),
    ("永年勤続表彰の名簿", "氏名、生年月日", "福利厚生の実施", "〃", "〃", "〃", "12", "〃", "〃", "本人から書面", "平成28年4月1日"),
    ("外部講師の謝金台帳", "氏名、住所、口座番号", "謝金の支払", "〃", "会計システム", "〃", "34件", "支払まで", "7年", "本人から書面", "令和3年4月1日"),
    ("防犯カメラの映像", "顔の画像", "防犯", "〃", "録画装置", "施錠", "不明", "1か月", "1か月で上書き", "本人から書面以外", "令和4年8月15日"),
    ("不具合調査の問合せメール", "氏名、メールアドレス", "不具合の調査と回答", "開発部", "クラウド", "二要素認証", "約760件", "回答まで", "1年", "本人から書面以外", "令和3年4月1日"),
    ("受入試験の立会者名簿", "氏名", "試験の実施", "〃", "ファイルサーバー", "権限設定", "22", "試験の完了まで", "1年", "本人から書面以外", "R7.6.2"),
]

# Name, kind, department, place, confidentiality, integrity, availability, who uses it, last confirmed, remarks.
ASSETS = [
    ("基幹ルーター", "情報機器", "情報システム部", "サーバー室", "2", "2", "3", "情報システム部", "R8.4.1", ""),
    ("無停電電源装置", "情報機器", "情報システム部", "サーバー室", "0", "2", "3", "情報システム部", "R8.4.1", "電池は令和9年に交換"),
    ("社内ポータルの原稿", "データ", "総務人事部", "ファイルサーバー", "0", "1", "1", "全部門", "令和8年3月20日", ""),
    ("見積作成ツール", "ソフトウェア", "営業部", "パソコン", "1", "2", "2", "営業部", "2026/3/18", "作成者退職、手順書あり"),
    ("保守契約書（原本）", "書類", "総務人事部", "金庫", "2", "3", "1", "総務人事部", "令和8年2月3日", ""),
    ("障害対応手順書", "書類", "クラウド支援部", "ファイルサーバー", "1", "2", "3", "クラウド支援部", "R8.1.15", "印刷して受付にも置く"),
    ("開発標準", "書類", "開発部", "ファイルサーバー", "1", "2", "1", "開発部", "令和7年12月1日", ""),
    ("試験データ生成ツール", "ソフトウェア", "開発部", "クラウド", "1", "2", "1", "開発部", "2025/11/30", ""),
    ("月次バックアップ媒体", "記録媒体等", "情報システム部", "施錠した部屋", "2", "3", "3", "情報システム部", "R8.3.31", "①〜③の3世代"),
    ("監視カメラの設定書", "書類", "総務人事部", "金庫", "2", "2", "1", "総務人事部", "令和8年4月2日", "㈱見本警備と共有"),
]


def save_xlsx(path, book):
    """Saves with fixed dates, so that making a workbook again changes nothing."""
    book.properties.created = book.properties.modified = LONG_AGO
    packed, same = io.BytesIO(), io.BytesIO()
    book.save(packed)
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "docProps/core.xml":
                start = data.index(b">", data.index(b"<dcterms:modified")) + 1
                data = data[:start] + b"2026-04-01T09:00:00Z" + data[data.index(b"</dcterms:modified>"):]
            target.writestr(zipfile.ZipInfo(entry.filename, (2026, 4, 1, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
    path.write_bytes(same.getvalue())


def personal():
    """Title rows above, a head of two rows with merged cells, 〃, dates of the era, approximate numbers, blank rows, notes below."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "R8年度"
    sheet["A1"] = "個人情報管理台帳（令和８年度）"
    sheet["A1"].font = Font(size=16, bold=True)
    sheet.merge_cells("A1:L1")
    sheet["A2"] = "株式会社みほん情報サービス"
    sheet["J2"] = "最終更新：令和8年4月1日　作成：総務人事部"
    groups = [(1, 1, "No."), (2, 2, "個人情報の名称"), (3, 4, "内容"), (5, 5, "管理部署"), (6, 7, "保管"), (8, 8, "件数"), (9, 10, "期限"), (11, 12, "取得")]
    under = {3: "個人情報の項目", 4: "利用目的", 6: "保管場所", 7: "保管方法", 9: "利用期限", 10: "保存期限", 11: "取得元", 12: "取得日"}
    for first, last, title in groups:
        sheet.cell(4, first, title)
        if first == last:
            sheet.merge_cells(start_row=4, end_row=5, start_column=first, end_column=first)
        else:
            sheet.merge_cells(start_row=4, end_row=4, start_column=first, end_column=last)
    for column, title in under.items():
        sheet.cell(5, column, title)
    for row in sheet["A4:L5"]:
        for cell in row:
            cell.fill, cell.font = PatternFill("solid", start_color="DDEBF7"), Font(bold=True)
            cell.alignment = Alignment(horizontal="center", wrap_text=True)
    number, at = 0, 6
    for entry in PERSONAL:
        if entry is not None:
            number += 1
            name, items, purpose, department, place, method, count, limit, kept, source, since = entry
            values = [number, name, items, purpose, department, place, method, count, limit, kept, source, since]
            for column, value in enumerate(values, 1):
                sheet.cell(at, column, value)
        at += 1
    sheet.cell(at + 1, 1, "※ 件数は令和8年3月末現在。「約」は概数。")
    sheet.cell(at + 2, 1, "※ 不明なものは総務人事部（内線110）へ。")
    for column, width in enumerate([5, 28, 26, 22, 14, 16, 14, 11, 18, 18, 16, 16], 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    save_xlsx(HERE / "個人情報管理台帳.xlsx", book)


def assets():
    """As Excel saves it on a Japanese machine: CP932, CRLF, a title line above, a total below."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(["情報資産管理台帳", "", "", "", "", "", "", "", "", ""])
    out.writerow([])
    out.writerow(["情報資産名称", "資産区分", "管理部署", "保存先", "機密性", "完全性", "可用性", "利用部門", "最終確認日", "備考"])
    out.writerows(ASSETS)
    out.writerow([])
    out.writerow(["合計", f"{len(ASSETS)}件", "", "", "", "", "", "", "", ""])
    (HERE / "情報資産管理台帳.csv").write_bytes(text.getvalue().encode("cp932"))


if __name__ == "__main__":
    personal()
    assets()
