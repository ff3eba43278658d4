#!/usr/bin/env python3
"""Makes the twenty workbooks of this directory: ledgers as small firms have them. All data are invented.

Needs openpyxl (Debian: python3-openpyxl) and, from PyPI, xlwt and odfpy. Run it here: python3 make_workbooks.py
What an import should make of each workbook is in NAME.expected.json, written by hand.
"""

import datetime
import io
import pathlib
import zipfile

import openpyxl
from openpyxl.styles import Font, PatternFill

HERE = pathlib.Path(__file__).parent
DAY = datetime.date
LONG_AGO = datetime.datetime(2026, 4, 1, 9, 0, 0)


def save_text(name, text, encoding, mark=b""):
    (HERE / name).write_bytes(mark + text.encode(encoding))


def save_xlsx(name, book):
    """Saves with fixed dates, so that making a workbook again changes nothing."""
    book.properties.created = book.properties.modified = LONG_AGO
    packed = io.BytesIO()
    book.save(packed)
    same = io.BytesIO()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "docProps/core.xml":
                start = data.index(b"<dcterms:modified")
                end = data.index(b"</dcterms:modified>")
                inner = data.index(b">", start) + 1
                data = data[:inner] + b"2026-04-01T09:00:00Z" + data[end:]
            target.writestr(zipfile.ZipInfo(entry.filename, (2026, 4, 1, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
    (HERE / name).write_bytes(same.getvalue())


def fill(sheet, rows, first_row=1):
    for row_index, row in enumerate(rows, first_row):
        for column_index, value in enumerate(row, 1):
            if value is not None:
                sheet.cell(row_index, column_index, value)


def book_of(title, rows):
    book = openpyxl.Workbook()
    book.active.title = title
    fill(book.active, rows)
    return book


# 1 ── UTF-8 without a mark, a line break inside a cell, a blank line, a guarded formula.
def plain_csv():
    save_text(
        "plain.csv",
        "個人情報の名称,利用目的,管理部門,件数,備考\n"
        "採用応募者名簿,採用選考のため,人事部,120,\n"
        '顧客名簿,"商品の発送のため\nお問い合わせ対応のため",営業部,"1,200",\'=見直し中\n'
        "\n"
        "株主名簿,株主管理のため,総務部,35,\n",
        "utf-8",
    )


# 2 ── UTF-8 with a mark, semicolons, Windows line ends, quoted everything, trailing empty cells.
def semicolon_csv():
    lines = [
        "番号;個人情報名;目的;部署;委託の有無;;",
        "1;給与台帳;給与計算のため;経理部;有;;",
        "2;健康診断結果;健康管理のため;人事部;無;;",
        "3;来訪者記録;入退室管理のため;;―;;",
    ]
    quoted = ["".join(['"' + cell + '";' for cell in line.split(";")])[:-1] for line in lines]
    save_text("semicolon.csv", "\r\n".join(quoted) + "\r\n", "utf-8", b"\xef\xbb\xbf")


# 3 ── CP932 as Excel writes it: titles above, full-width digits, letters that Shift_JIS proper lacks.
def cp932_csv():
    save_text(
        "cp932.csv",
        "個人情報管理台帳,,,,\r\n"
        "株式会社アオゾラ架空商店,,,作成日：令和8年4月1日,\r\n"
        ",,,,\r\n"
        "№,個人情報の名称,利用目的,所管部署,保有件数\r\n"
        "①,㈱髙﨑商会様 担当者名簿,取引の連絡のため,営業部,１２０件\r\n"
        '②,ＤＭ送付先～関東～,案内状の発送のため,営業部,"約１，２００件"\r\n'
        "③,アルバイト応募者,採用選考のため,店舗,数十件\r\n",
        "cp932",
    )


# 4 ── "Unicode text" of Excel: UTF-16, tabs; commas inside the numbers.
def unicode_tsv():
    save_text(
        "unicode.tsv",
        "個人情報の名称\t利用目的\t管理部門\t件数\t取得日\r\n"
        "会員名簿\t会員サービスの提供のため\t会員課\t12,345\t2024/4/1\r\n"
        "メールマガジン登録者\t情報の配信のため\t広報課\t3,000人以上\tH30.1.5\r\n"
        "抽選応募者\t抽選と賞品の発送のため\t広報課\t100～200\t令和6年12月\r\n",
        "utf-16-le",
        b"\xff\xfe",
    )


# 5 ── UTF-16 big endian, line ends of old Macintosh, an asset ledger.
def macintosh_text():
    save_text(
        "macintosh.txt",
        "資産名\t所管\t機密性\t完全性\t可用性\t個人情報\t登録月\r"
        "会計システム\t経理部\t極秘\t３\t3\t○\t2023年4月\r"
        "ウェブサイト\t広報課\t公開\t2\t3\t×\t令和元年5月\r"
        "就業規則\t総務部\t社外秘（1）\t2\t1\t×\t未定\r",
        "utf-16-be",
        b"\xfe\xff",
    )


# 6 ── A printed form: title merged across, approval box, example row, notes below.
def printed_form():
    book = book_of(
        "管理台帳",
        [
            ["個人情報管理台帳"],
            ["部署名：総務部", None, None, "承認", "作成"],
            ["作成日", DAY(2026, 4, 1), None, None, None],
            [],
            ["No.", "個人情報の名称", "利用目的", "管理部門", "保存期間", "廃棄方法"],
            ["例", "顧客名簿", "商品の発送のため", "営業部", "5年", "裁断"],
            [1, "従業員名簿", "雇用管理のため", "総務部", "退職後5年", "裁断"],
            [2, "緊急連絡網", "緊急時の連絡のため", "総務部", "在職中", "消去"],
            [3, "扶養控除等申告書", "源泉徴収のため", "経理部", "７年", None],
            [4, "防犯カメラ映像", "防犯のため", "総務部", "しばらく", "上書き"],
            [],
            ["※ 要配慮個人情報を含むものは別紙に記載する。"],
            ["※ 年1回見直すこと。", None, None, None, None, "以上"],
        ],
    )
    sheet = book.active
    sheet.merge_cells("A1:F1")
    sheet["A1"].font = Font(size=16, bold=True)
    sheet["B3"].number_format = 'ggge"年"m"月"d"日"'
    save_xlsx("printed_form.xlsx", book)


# 7 ── A header of two rows with merged cells, numbers of columns under it.
def two_rows():
    book = book_of(
        "台帳",
        [
            ["№", "個人情報の\n名称", "取得", None, "保管", None, None, "管理部門", "利用\n目的"],
            [None, None, "方法", "取得日", "場所", "媒体", "期間", None, None],
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)"],
            [1, "顧客カード", "店頭で記入", DAY(2020, 4, 1), "店舗キャビネット", "紙", "3年", "店舗", "会員証の発行のため"],
            [2, "通販注文データ", "ウェブ入力", DAY(2021, 10, 15), "販売管理サーバー", "電子データ", "５年", "通販課", "商品の発送のため"],
        ],
    )
    sheet = book.active
    for merged in ["A1:A2", "B1:B2", "C1:D1", "E1:G1", "H1:H2", "I1:I2"]:
        sheet.merge_cells(merged)
    save_xlsx("two_rows.xlsx", book)


# 8 ── The same kind of header after an export to CSV: no merged cells are left.
def two_rows_csv():
    save_text(
        "two_rows.csv",
        "個人情報の名称,利用目的,管理部門,保管,,備考\r\n"
        ",,,場所,期間,\r\n"
        "名刺,営業活動のため,営業部,机の引き出し,なし,整理中\r\n"
        "契約書,契約の履行のため,法務課,書庫,契約終了後10年,\r\n",
        "cp932",
    )


# 9 ── Departments merged downwards over several rows; a header cell merged over two columns.
def merged_departments():
    book = book_of(
        "Sheet1",
        [
            ["管理部門", "個人情報の名称", "利用目的", None, "責任者"],
            ["人事部", "履歴書", "採用選考のため", None, "架空 一郎"],
            [None, "人事評価表", "評価のため", None, "架空 一郎、仮名 花子"],
            [None, "社員証写真", "本人確認のため", None, None],
            ["営業部", "商談記録", "商談の管理のため", None, "ジョン・スミス"],
            [None, "見込客リスト", "営業活動のため", None, "見本 次郎・例 三郎"],
        ],
    )
    sheet = book.active
    for merged in ["A2:A4", "A5:A6", "C1:D1", "C2:D2", "C3:D3", "C4:D4", "C5:D5", "C6:D6", "E3:E4"]:
        sheet.merge_cells(merged)
    save_xlsx("merged_departments.xlsx", book)


# 10 ── "Same as above" in its many ways, and once with nothing above.
def same_as_above():
    save_xlsx(
        "same_as_above.xlsx",
        book_of(
            "個人情報台帳",
            [
                ["個人情報の名称", "利用目的", "管理部門", "媒体", "保存期間"],
                ["申込書（店頭）", "申込の受付のため", "〃", "紙", "1年"],
                ["申込書（郵送）", "同上", "受付課", "〃", "〃"],
                ["申込データ", "〃", "〃", "電子", "同上"],
                [],
                ["苦情記録", "苦情への対応のため", "〃", None, "３年"],
                ["録音データ", "〃", "〃", "〃", "〃"],
            ],
        ),
    )


# 11 ── Several sheets: a cover, an example, the ledger, an old hidden one, a list of choices.
def several_sheets():
    book = book_of("表紙", [["個人情報管理台帳"], [], ["第3版", "2026年4月1日"], ["架空工業株式会社"]])
    header = ["個人情報の名称", "利用目的", "管理部門", "件数"]
    fill(book.create_sheet("記入例"), [header, ["社員名簿", "雇用管理のため", "総務部", "50件"], ["顧客名簿", "連絡のため", "営業部", "300件"]])
    fill(
        book.create_sheet("台帳（本社）"),
        [header, ["株主名簿", "株主総会の通知のため", "総務部", "12名"], ["取引先担当者", "取引の連絡のため", "購買部", "約80名"]],
    )
    old = book.create_sheet("旧台帳")
    fill(old, [header, ["古い名簿", "不明", "総務部", 1], ["古い名簿2", "不明", "総務部", 2], ["古い名簿3", "不明", "総務部", 3]])
    old.sheet_state = "hidden"
    fill(book.create_sheet("凡例"), [["媒体", "説明"], ["紙", "書類"], ["電子", "ファイル"]])
    save_xlsx("several_sheets.xlsx", book)


# 12 ── Hidden rows (some by a filter) and a hidden column.
def hidden_parts():
    book = book_of(
        "台帳",
        [
            ["個人情報の名称", "利用目的", "社内メモ", "管理部門", "要配慮"],
            ["従業員名簿", "雇用管理のため", "済", "総務部", "無"],
            ["退職者名簿（廃止）", "雇用管理のため", None, "総務部", "無"],
            ["健康診断結果", "健康管理のため", "要確認", "総務部", "有"],
            ["産業医面談記録", "健康管理のため", None, "総務部", "有"],
        ],
    )
    sheet = book.active
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["C"].hidden = True
    save_xlsx("hidden_parts.xlsx", book)


# 13 ── Printed over pages: the header again, section headings, subtotals, a total, numbered empty rows.
def printed_pages():
    header = ["No", "個人情報の名称", "利用目的", "管理部門", "件数"]
    book = book_of(
        "台帳",
        [
            header,
            ["【総務部】"],
            [1, "従業員名簿", "雇用管理のため", "総務部", 48],
            [2, "株主名簿", "株主管理のため", "総務部", 12],
            ["小計", None, None, None, 60],
            header,
            ["【営業部】"],
            [3, "顧客名簿", "商品の発送のため", "営業部", 1500],
            ["小計", None, None, None, 1500],
            [None, "合計", None, None, 1560],
            [4],
            [5],
        ],
    )
    book.active.merge_cells("A2:E2")
    save_xlsx("printed_pages.xlsx", book)


# 14 ── Formulas whose results the file does not hold, and cells that failed.
def formulas():
    book = book_of(
        "台帳",
        [
            ["個人情報の名称", "利用目的", "管理部門", "件数", "委託", "集計"],
            ["会員名簿", "会員管理のため", "会員課", "=SUM(F2:F9)", True, 10],
            ["=A2&\"（控え）\"", "会員管理のため", "会員課", 20, False, "=D3*2"],
            ["退会者名簿", "問い合わせ対応のため", "#N/A", 30, "△", "#REF!"],
        ],
    )
    save_xlsx("formulas.xlsx", book)


# 15 ── Dates of every kind.
def dates():
    book = book_of(
        "台帳",
        [
            ["個人情報の名称", "利用目的", "管理部門", "取得日", "最終確認日"],
            ["名簿A", "連絡のため", "総務部", DAY(2024, 4, 1), "令和8年4月1日"],
            ["名簿B", "連絡のため", "総務部", DAY(2019, 5, 1), "R8.4.1"],
            ["名簿C", "連絡のため", "総務部", 46113, "平成35年3月31日"],
            ["名簿D", "連絡のため", "総務部", 20260401, "2026/2/30"],
            ["名簿E", "連絡のため", "総務部", "２０２６．４．１", "4月1日"],
            ["名簿F", "連絡のため", "総務部", "昭和64年1月7日", "26/4/1"],
            ["名簿G", "連絡のため", "総務部", "平成元年", "毎年見直し"],
            ["名簿H", "連絡のため", "総務部", "2026年4月1日(水)", datetime.datetime(2026, 4, 1, 13, 30)],
        ],
    )
    sheet = book.active
    sheet["D2"].number_format = "yyyy/m/d"
    sheet["D3"].number_format = '[$-411]ggge"年"m"月"d"日"'
    sheet["E9"].number_format = "yyyy/m/d h:mm"
    save_xlsx("dates.xlsx", book)


# 16 ── Excel 97: an asset ledger with a merged header and real dates.
def old_excel():
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("情報資産管理台帳")
    date_style = xlwt.easyxf(num_format_str="yyyy/mm/dd")
    sheet.write_merge(0, 0, 0, 7, "情報資産管理台帳（様式1）")
    sheet.write_merge(2, 3, 0, 0, "情報資産名")
    sheet.write_merge(2, 3, 1, 1, "管理部署")
    sheet.write_merge(2, 2, 2, 4, "評価値")
    for column, text in enumerate(["機密性", "完全性", "可用性"], 2):
        sheet.write(3, column, text)
    sheet.write_merge(2, 3, 5, 5, "個人情報の有無")
    sheet.write_merge(2, 3, 6, 6, "登録日")
    sheet.write_merge(2, 3, 7, 7, "取得価額")
    rows = [
        ["顧客管理システム", "情報システム課", 2, 3, 3, "有", DAY(2022, 4, 1), 3500000],
        ["ファイルサーバー", "情報システム課", "1:社外秘", 2, 3, "有", DAY(2023, 10, 1), "120万円"],
        ["会社案内", "広報課", 0, 1, 1, "無", "2024.1.10", "―"],
    ]
    for row_index, row in enumerate(rows, 4):
        for column, value in enumerate(row):
            if isinstance(value, DAY):
                sheet.write(row_index, column, value, date_style)
            else:
                sheet.write(row_index, column, value)
    book.save(str(HERE / "old_excel.xls"))


# 17 ── LibreOffice: a hidden row, merged cells, several paragraphs in a cell, repeated empty rows.
def libre_office():
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import CoveredTableCell, Table, TableCell, TableColumn, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    table = Table(name="台帳")
    table.addElement(TableColumn(numbercolumnsrepeated=5))

    def row(*cells, **attributes):
        line = TableRow(**attributes)
        for cell in cells:
            line.addElement(cell)
        table.addElement(line)

    def text(content, **attributes):
        cell = TableCell(valuetype="string", **attributes)
        for paragraph in content.split("\n"):
            cell.addElement(P(text=paragraph))
        return cell

    def number(value):
        return TableCell(valuetype="float", value=value)

    def day(value):
        return TableCell(valuetype="date", datevalue=value)

    row(text("個人情報管理台帳", numbercolumnsspanned=5), CoveredTableCell(numbercolumnsrepeated=4))
    row(TableCell(numbercolumnsrepeated=5), numberrowsrepeated=2)
    row(text("管理部門"), text("個人情報の名称"), text("利用目的"), text("件数"), text("取得日"))
    row(text("学務課", numberrowsspanned=3), text("学籍簿"), text("学籍管理のため\n証明書の発行のため"), number(850), day("2020-04-01"))
    row(CoveredTableCell(), text("保護者名簿"), text("連絡のため"), number(1600), day("2020-04-01"), visibility="collapse")
    row(CoveredTableCell(), text("成績一覧"), text("成績管理のため"), TableCell(valuetype="float", formula="of:=D5"), TableCell())
    row(TableCell(numbercolumnsrepeated=5), numberrowsrepeated=3)
    row(text("注）毎年4月に更新"))
    document.spreadsheet.addElement(table)
    document.save(str(HERE / "libre_office.ods"))


# 18 ── Numbers with units, ranges and vague words; money.
def numbers():
    save_xlsx(
        "numbers.xlsx",
        book_of(
            "資産",
            [
                ["資産の名称", "部署", "完全性(I)", "可用性(A)", "機密性(C)", "取得金額", "保存期限", "備考"],
                ["顧客データベース", "営業部", "3", 3, "２：極秘", "￥1,200,000", "永年", None],
                ["メールサーバー", "情報課", "２", "約2", "社外秘", "350千円", "5ヶ年", "2026年更新"],
                ["紙の契約書", "総務部", 2.5, "高", "秘", "▲500", "10", "3\n2\n1"],
                ["カタログ", "広報課", "1〜2", 1, "公開", "不明", "6か月", None],
            ],
        ),
    )


# 19 ── Telephone numbers that Excel took for numbers, full-width mail addresses: personal columns.
def contacts():
    save_xlsx(
        "contacts.xlsx",
        book_of(
            "連絡先",
            [
                ["個人情報の名称", "利用目的", "管理部門", "担当者", "電話", "E-mail"],
                ["取引先名簿", "取引の連絡のため", "購買部", "架空 花子", "０３－１２３４－５６７８", "hanako@example.jp"],
                ["協力会社名簿", "発注のため", "購買部", "仮名 太郎", 312345678, "ｔａｒｏ＠example.co.jp"],
                ["緊急連絡先", "緊急連絡のため", "総務部", "見本 三郎\n例 四郎", "内線123", "saburo＠example"],
            ],
        ),
    )


# 20 ── Aliases, unknown and nameless columns, two of the same name, a required column that is missing.
def unknown_columns():
    book = book_of(
        "Sheet1",
        [
            ["管理番号", "個人情報の種類", "対象者", "目 的\n（できるだけ具体的に）", "承認", "承認", None, "外部委託"],
            ["P-001", "応募書類", "採用応募者", "選考のため", "済", "済", "済", "なし"],
            ["P-002", "アンケート回答", "来場者", "商品の企画のため", "済", None, "確認待ち", "あり"],
            ["P-003", None, "来場者", None, None, None, None, "一部"],
        ],
    )
    book.active["A2"].fill = PatternFill("solid", fgColor="FFFF00")
    save_xlsx("unknown_columns.xlsx", book)


if __name__ == "__main__":
    for make in [
        plain_csv, semicolon_csv, cp932_csv, unicode_tsv, macintosh_text, printed_form, two_rows, two_rows_csv,
        merged_departments, same_as_above, several_sheets, hidden_parts, printed_pages, formulas, dates, old_excel,
        libre_office, numbers, contacts, unknown_columns,
    ]:
        make()
